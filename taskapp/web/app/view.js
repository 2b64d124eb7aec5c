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

// Which of two tasks comes first, as the service has it: those without a due date last, whichever way.
export function order({ sort }, one, other) {
  const byDue = sort.endsWith("due_date");
  if (byDue && !one.due_date !== !other.due_date) return one.due_date ? -1 : 1;
  const key = (task) => `${(byDue && task.due_date) || task.created_at} ${task.task_id}`;
  const way = key(one) < key(other) ? -1 : 1;
  return sort.startsWith("-") ? -way : way;
}
