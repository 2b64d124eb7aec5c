// The form that makes tasks. What is typed is kept as a draft until the task is made or the form is cleared.

import { busy, el, hasFocus } from "./dom.js";
import * as drafts from "./drafts.js";
import { clear, explain, fields, fill, inForm, typed, valueOf } from "./fields.js";
import * as tasks from "./tasks.js";
import { toast } from "./toast.js";
import { named } from "./words.js";

const DETAILS = ["description", "due_date", "priority", "labels"];
const NAMES = ["title", ...DETAILS];

export function addForm(form, added) {
  const details = form.querySelector("#add-details");
  details.append(...fields(DETAILS), el("button", { type: "reset", class: "quiet" }, "Clear"));
  const more = form.querySelector("#add-more");
  const unfold = (shown) => {
    details.hidden = !shown;
    more.setAttribute("aria-expanded", String(shown));
  };
  more.addEventListener("click", () => {
    unfold(details.hidden);
    if (!details.hidden) details.querySelector("textarea").focus();
  });
  form.addEventListener("input", () => keep(form));
  form.addEventListener("reset", () => {
    clear(form);
    drafts.drop(drafts.NEW);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form, () => add(form, added));
  });
  const draft = drafts.read(drafts.NEW) ?? {};
  fill(form, draft);
  if (DETAILS.some((name) => name in draft)) unfold(true);
}

function keep(form) {
  const names = NAMES.filter((name) => form.elements.namedItem(name).value !== inForm(name));
  if (names.length > 0) drafts.keep(drafts.NEW, typed(form, names));
  else drafts.drop(drafts.NEW);
}

async function add(form, added) {
  const before = typed(form, NAMES);
  const sent = Object.fromEntries(NAMES.map((name) => [name, valueOf(form, name)]));
  try {
    const task = await tasks.create(sent);
    clear(form);
    // What was typed while the answer was on its way is the next task, and who went elsewhere stays there.
    const unchanged = NAMES.filter((name) => form.elements.namedItem(name).value === before[name]);
    fill(form, Object.fromEntries(unchanged.map((name) => [name, inForm(name)])));
    keep(form);
    if (hasFocus(form)) form.elements.namedItem("title").focus();
    if (!added(task)) toast(`${named(task)} was added; it is not among the tasks shown.`);
  } catch (error) {
    explain(form, error);
  }
}
