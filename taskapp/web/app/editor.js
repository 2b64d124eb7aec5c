// Editing a task in its place in the list. What is typed is kept as a draft until it is saved or discarded.

import { button, busy, el } from "./dom.js";
import * as drafts from "./drafts.js";
import { changed, explain, fields, fill, inForm, typed } from "./fields.js";
import { Problem } from "./problem.js";
import { save } from "./save.js";

const NAMES = ["title", "description", "status", "due_date", "priority", "labels"];

export class Editor {
  #task;
  // Field by field, what the person saw before they changed it.
  #base;
  #then;
  #discard = button("Cancel", () => { drafts.drop(this.#task.task_id); this.#then.closed(); }, { class: "quiet" });

  // then: saved({ now, stored }), changed(task), closed()
  constructor(task, then) {
    const draft = drafts.read(task.task_id);
    this.#then = then;
    this.#base = draft?.base ?? Object.fromEntries(NAMES.map((name) => [name, task[name]]));
    this.element = el("form", { class: "editor", "aria-label": `Edit ${task.title}`, novalidate: true },
      el("div", { class: "fields" }, fields(NAMES, this.#base)),
      el("p", { class: "form-error", role: "alert", hidden: true }),
      el("div", { class: "editor-actions" }, el("button", { type: "submit", class: "primary" }, "Save"),
        this.#discard));
    fill(this.element, draft?.values ?? {});
    this.follow(task);
    this.element.addEventListener("input", () => this.#keep());
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(this.element, () => this.#save());
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.element.ariaBusy) this.#then.closed();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
    });
  }

  // Somebody changed the task: fields that were not touched show it, the others merge when they are saved.
  follow(task) {
    this.#task = task;
    for (const name of NAMES) {
      const input = this.element.elements.namedItem(name);
      const [shown, now] = [inForm(name, this.#base[name]), inForm(name, task[name])];
      if (input.value !== shown && input.value !== now) continue;
      if (input.value !== now) input.value = now;
      this.#base[name] = task[name];
    }
    this.#keep();
  }

  #keep() {
    const names = Object.keys(changed(this.element, this.#base));
    if (names.length > 0) drafts.keep(this.#task.task_id, { base: this.#base, values: typed(this.element, names) });
    else drafts.drop(this.#task.task_id);
    this.#discard.textContent = names.length > 0 ? "Discard changes" : "Cancel";
  }

  async #save() {
    const mine = changed(this.element, this.#base);
    const sent = typed(this.element, Object.keys(mine));
    try {
      const result = await save(this.#base, mine, this.#task);
      if (result) this.#saved(result, sent);
    } catch (error) {
      explain(this.element, error instanceof Problem && error.status === 404 ? this.#deleted(error) : error);
    }
  }

  // What was typed while the answer was on its way is not saved yet, and stays.
  #saved(result, sent) {
    for (const [name, value] of Object.entries(sent)) {
      const input = this.element.elements.namedItem(name);
      this.#base[name] = result.now[name];
      if (input.value === value) input.value = inForm(name, result.now[name]);
    }
    this.follow(result.now);
    if (Object.keys(changed(this.element, this.#base)).length > 0) this.#then.changed(result.now);
    else this.#then.saved(result);
  }

  #deleted({ code }) {
    this.element.querySelector("[type=submit]").disabled = true;
    return new Problem({ status: 404, code, detail: "Someone else has deleted this task in the meantime." });
  }
}
