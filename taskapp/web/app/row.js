// One task in the list: what it says, and what can be done to it.

import * as actions from "./actions.js";
import * as dates from "./dates.js";
import { button, busy, el } from "./dom.js";
import { editor } from "./editor.js";
import { PRIORITIES, STATUSES } from "./fields.js";
import { historyPanel } from "./history.js";
import { named } from "./words.js";

export class Row {
  #list;
  #panel = null;

  // list: what the row tells the list: changed(task), gone(id), back(task)
  constructor(task, list) {
    this.#list = list;
    this.element = el("li", { class: "task", "data-task": task.task_id });
    this.show(task);
  }

  show(task) {
    const within = this.element.contains(document.activeElement) && document.activeElement.dataset.action;
    this.task = task;
    this.#panel = null;
    this.element.dataset.status = task.status;
    this.element.dataset.version = task.version;
    this.element.replaceChildren(this.#list.trash ? this.#trashed() : this.#live());
    if (within) this.element.querySelector(`[data-action="${within}"]`)?.focus();
  }

  #live() {
    const { task } = this;
    const done = task.status === "completed";
    const check = el("input", { type: "checkbox", class: "check", checked: done, "data-action": "complete",
      "aria-label": `${done ? "Reopen" : "Complete"} ${task.title}`,
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
      status === "pending" || status === "completed" ? null
        : el("span", { class: `chip status-${status}` }, STATUSES.find(([name]) => name === status)?.[1] ?? status),
      due ? el("time", { class: late ? "chip late" : "chip", datetime: due, title: dates.full(due) },
        `${late ? "Overdue:" : "Due"} ${dates.short(due)}`) : null,
      priority ? el("span", { class: `chip priority-${priority}` }, `Priority: ${PRIORITIES[priority]}`) : null,
      ...labels.map((label) => el("span", { class: "chip label" }, label)),
      ends ? el("time", { class: "chip", datetime: ends, title: dates.full(ends) }, `Ends ${dates.short(ends)}`) : null,
      deleted ? el("time", { class: "chip", datetime: deleted }, `Deleted ${dates.short(deleted)}`) : null,
    ].filter(Boolean);
  }

  async #run(action, failed = () => {}) {
    const done = await busy(this.element, action);
    if (!done) failed();
  }

  edit() {
    this.element.replaceChildren(editor(this.task, {
      saved: ({ now, stored }) => this.#saved(now, stored),
      closed: (task) => { this.show(task); this.#focus("edit"); },
    }));
    this.element.querySelector("input").focus();
  }

  #saved(now, stored) {
    if (stored) actions.offerUndo(`${named(now)} was changed.`, this.task, now, this.#list);
    this.#list.changed(now);
    this.#focus("edit");
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
