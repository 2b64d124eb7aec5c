// The history of a task: who changed what, and when, newest first.

import * as dates from "./dates.js";
import { button, busy, el } from "./dom.js";
import { NAMES } from "./fields.js";
import { messageOf } from "./problem.js";
import * as tasks from "./tasks.js";
import { inWords } from "./words.js";

const KINDS = { created: "Created", updated: "Changed", deleted: "Moved to the trash",
  restored: "Restored", undone: "Change undone" };

export function historyPanel(task) {
  const list = el("ol", { class: "changes" });
  const error = el("p", { class: "form-error", role: "alert", hidden: true });
  const more = button("Earlier changes", () => load(), { class: "quiet", hidden: true });
  const panel = el("section", { class: "history", "aria-label": `History of ${task.title}` }, list, error, more);
  let cursor = null;

  const load = () => busy(panel, async () => {
    error.hidden = true;
    try {
      const { value, next } = await tasks.history(task.task_id, cursor);
      list.append(...value.map(entry));
      cursor = next;
      more.hidden = !next;
    } catch (problem) {
      error.textContent = messageOf(problem);
      error.hidden = false;
    }
  });
  load();
  return panel;
}

function entry({ kind, at, version, diff }) {
  const shown = Object.entries(diff ?? {}).filter(([name]) => name in NAMES);
  return el("li", {},
    el("p", {}, el("b", {}, KINDS[kind] ?? kind), " ",
      el("time", { datetime: at, title: dates.full(at) }, dates.short(at)),
      el("span", { class: "soft" }, ` · version ${version}`)),
    ...shown.map(([name, [old, now]]) => el("p", { class: "diff" }, `${NAMES[name]}: `,
      ...(kind === "created" ? [] : [el("del", {}, inWords(name, old)), " → "]),
      el("ins", {}, inWords(name, now)))));
}
