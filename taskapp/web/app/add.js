// The form that makes tasks.

import { busy } from "./dom.js";
import { clear, explain, fields, valueOf } from "./fields.js";
import * as tasks from "./tasks.js";
import { toast } from "./toast.js";
import { named } from "./words.js";

const DETAILS = ["description", "due_date", "priority", "labels"];

export function addForm(form, added) {
  const details = form.querySelector("#add-details");
  const more = form.querySelector("#add-more");
  details.append(...fields(DETAILS));
  more.addEventListener("click", () => {
    details.hidden = !details.hidden;
    more.setAttribute("aria-expanded", String(!details.hidden));
    if (!details.hidden) details.querySelector("textarea").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, () => add(form, added));
  });
}

async function add(form, added) {
  const sent = Object.fromEntries(["title", ...DETAILS].map((name) => [name, valueOf(form, name)]));
  try {
    const task = await tasks.create(sent);
    clear(form);
    form.reset();
    form.elements.namedItem("title").focus();
    if (!added(task)) toast(`${named(task)} was added; it is not among the tasks shown.`);
  } catch (error) {
    explain(form, error);
  }
}
