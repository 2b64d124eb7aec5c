// Editing a task in its place in the list; stored only if nobody else changed it meanwhile.

import { resolve } from "./conflict.js";
import { button, busy, el } from "./dom.js";
import { changed, explain, fields } from "./fields.js";
import { Problem } from "./problem.js";
import * as tasks from "./tasks.js";

const NAMES = ["title", "description", "status", "due_date", "priority", "labels"];

// then: saved({ now, stored }), closed(task)
export function editor(task, then) {
  const form = el("form", { class: "editor", "aria-label": `Edit ${task.title}`, novalidate: true },
    el("div", { class: "fields" }, fields(NAMES, task)),
    el("p", { class: "form-error", role: "alert", hidden: true }),
    el("div", { class: "editor-actions" }, el("button", { type: "submit", class: "primary" }, "Save"),
      button("Cancel", () => then.closed(task), { class: "quiet" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, () => save(form, task, then));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") then.closed(task);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

async function save(form, task, then) {
  const mine = changed(form, task);
  if (Object.keys(mine).length === 0) {
    then.closed(task);
    return;
  }
  try {
    const result = await store(task, mine);
    if (result) then.saved(result);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      form.querySelector("[type=submit]").disabled = true;
      const detail = "Somebody else deleted this task meanwhile.";
      explain(form, new Problem({ status: 404, code: error.code, detail }));
      return;
    }
    explain(form, error);
  }
}

// Stores a change; as often as somebody else was faster, the person chooses from both versions. Gives the task as it is
// now, and whether there was anything left to store; null when the person goes on editing.
async function store(task, mine) {
  let [base, wanted] = [task, mine];
  for (;;) {
    if (Object.keys(wanted).length === 0) return { now: base, stored: false };
    try {
      return { now: await tasks.change(base, wanted), stored: true };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "version_conflict") throw error;
    }
    const theirs = await tasks.get(task.task_id);
    wanted = await resolve(task, theirs, wanted);
    if (wanted === null) return null;
    base = theirs;
  }
}
