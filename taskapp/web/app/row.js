// One task in the list: what it says, and what can be done to it.

import * as actions from "./actions.js";
import * as dates from "./dates.js";
import { button, busy, el, hasFocus } from "./dom.js";
import * as drafts from "./drafts.js";
import { Editor } from "./editor.js";
import { PRIORITIES, STATUSES } from "./fields.js";
import { historyPanel } from "./history.js";
import { named } from "./words.js";

export class Row {
  // Moved to the trash, restored, or removed for good: it keeps its place for a while, and does nothing.
  left = false;
  // The list's timer that takes it away.
  leaving = null;
  #list;
  #panel = null;
  #editor = null;

  // list: what the row tells the list: changed(task), gone(id), back(task)
  constructor(task, list) {
    this.#list = list;
    this.element = el("li", { class: "task", "data-task": task.task_id, tabindex: -1 });
    this.show(task);
    if (!list.trash && drafts.read(task.task_id)) this.#open();
  }

  get editing() {
    return this.#editor !== null;
  }

  show(task) {
    this.task = task;
    this.element.dataset.status = task.status;
    this.element.dataset.version = task.version;
    this.left = this.element.inert = false;
    if (this.#editor) this.#editor.follow(task);
    else this.#draw();
  }

  leave() {
    this.left = this.element.inert = true;
  }

  #draw() {
    const within = this.element.contains(document.activeElement) && document.activeElement.dataset.action;
    this.#panel = null;
    this.element.replaceChildren(this.#list.trash ? this.#trashed() : this.#live());
    if (within) this.#focus(within);
  }

  #live() {
    const { task } = this;
    const done = task.status === "completed";
    const check = el("input", { type: "checkbox", class: "check", checked: done, "data-action": "complete",
      "aria-label": `${done ? "Reopen" : "Complete"} ${task.title}`,
      // A double click completes a task, and does not open it again.
      onclick: (event) => { if (event.detail > 1) event.preventDefault(); },
      onchange: () => this.#run(() => actions.complete(task, this.#list), () => { check.checked = done; }) });
    return el("div", { class: "task-line" }, check, this.#text(), el("div", { class: "task-actions" },
      this.#button("Edit", "edit", () => this.edit()),
      this.#button("History", "history", () => this.#toggleHistory()),
      this.#button("Delete", "delete", () => this.#run(() => actions.remove(task, this.#list)))));
  }

  #trashed() {
    const { task } = this;
    return el("div", { class: "task-line" }, this.#text(), el("div", { class: "task-actions" },
      this.#button("Restore", "restore", () => this.#run(() => actions.restore(task, this.#list))),
      this.#button("Delete for good", "purge", () => this.#run(() => actions.removeForGood(task, this.#list)))));
  }

  #button(label, action, run) {
    return button(label, run, { class: "quiet", "data-action": action, "aria-label": `${label}: ${this.task.title}`,
      "aria-expanded": action === "history" ? "false" : null });
  }

  #text() {
    const { task } = this;
    return el("div", { class: "task-text" },
      el("p", { class: "task-title" }, task.title),
      task.description ? el("p", { class: "task-description" }, task.description) : null,
      el("p", { class: "chips" }, ...this.#chips()));
  }

  #chips() {
    const { status, due_date: due, priority, labels, deleted_at: deleted, expires_at: ends } = this.task;
    const late = due && dates.isPast(due) && ["pending", "in_progress"].includes(status);
    return [
      drafts.read(this.task.task_id) ? el("span", { class: "chip unsaved" }, "Unsaved changes") : null,
      status === "pending" || status === "completed" ? null
        : el("span", { class: `chip status-${status}` }, STATUSES.find(([name]) => name === status)?.[1] ?? status),
      due ? el("time", { class: late ? "chip late" : "chip", datetime: due, title: dates.full(due) },
        `${late ? "Overdue:" : "Due"} ${dates.short(due)}`) : null,
      priority ? el("span", { class: `chip priority-${priority}` }, `Priority: ${PRIORITIES[priority]}`) : null,
      ...labels.map((label) => el("span", { class: "chip label" }, label)),
      ends ? el("time", { class: "chip", datetime: ends, title: dates.full(ends) }, `Expires ${dates.short(ends)}`) : null,
      deleted ? el("time", { class: "chip", datetime: deleted }, `Deleted ${dates.short(deleted)}`) : null,
    ].filter(Boolean);
  }

  async #run(action, failed = () => {}) {
    const done = await busy(this.element, action);
    if (!done) failed();
  }

  edit() {
    this.#open();
    this.element.querySelector("input").focus();
  }

  #open() {
    this.#editor = new Editor(this.task, {
      saved: (result) => this.#saved(result),
      changed: (task) => this.#list.changed(task),
      closed: () => { this.#close(); this.#focus("edit"); },
    });
    this.element.replaceChildren(this.#editor.element);
  }

  #close() {
    this.#editor = null;
    this.#draw();
  }

  #saved({ now, stored }) {
    const here = hasFocus(this.element);
    this.#close();
    if (stored) actions.offerUndo(`${named(now)} was changed.`, now, this.#list);
    this.#list.changed(now);
    if (here) this.#focus("edit");
  }

  #focus(action) {
    this.element.querySelector(`[data-action="${action}"]`)?.focus();
  }

  #toggleHistory() {
    const opener = this.element.querySelector('[data-action="history"]');
    if (this.#panel) this.#panel.remove();
    this.#panel = this.#panel ? null : historyPanel(this.task);
    if (this.#panel) this.element.append(this.#panel);
    opener.setAttribute("aria-expanded", String(Boolean(this.#panel)));
  }
}
