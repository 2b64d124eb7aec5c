// What the page shows, kept in the address after "#", so that Back, reload and bookmarks work.

export const TABS = [
  { name: "open", label: "Open", statuses: ["pending", "in_progress"] },
  { name: "pending", label: "Pending", statuses: ["pending"] },
  { name: "in_progress", label: "In progress", statuses: ["in_progress"] },
  { name: "completed", label: "Completed", statuses: ["completed"] },
  { name: "cancelled", label: "Cancelled", statuses: ["cancelled"] },
  { name: "all", label: "All", statuses: [] },
  { name: "trash", label: "Trash", statuses: [] },
];
const SORTS = ["-created_at", "created_at", "due_date", "-due_date"];

export function current() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const tab = TABS.find((each) => each.name === asked.get("show")) ?? TABS[0];
  const sort = SORTS.includes(asked.get("sort")) ? asked.get("sort") : SORTS[0];
  return { tab, sort, trash: tab.name === "trash" };
}

export function address({ show, sort }) {
  const { tab, sort: sorted } = current();
  return `#${new URLSearchParams({ show: show ?? tab.name, sort: sort ?? sorted })}`;
}

export function go(change) {
  location.hash = address(change);
}

// Whether a task belongs into what is shown.
export function holds({ tab, trash }, task) {
  if (trash) return false;
  return tab.statuses.length === 0 || tab.statuses.includes(task.status);
}
