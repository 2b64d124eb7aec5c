// The list: pages of tasks in order, and what happens to them while they are shown.

import { messageOf } from "./problem.js";
import { Row } from "./row.js";
import * as tasks from "./tasks.js";
import { holds } from "./view.js";

const EMPTY = { open: "Nothing to do. Enjoy the day, or add a task above.", trash: "The trash is empty.",
  all: "No tasks yet. Add the first one above." };

export class List {
  #place = document.getElementById("tasks");
  #more = document.getElementById("more");
  #empty = document.getElementById("empty");
  #count = document.getElementById("count");
  #error = document.getElementById("list-error");
  #rows = new Map();
  #loading = null;
  #next = null;
  #shown = null;

  constructor() {
    this.#more.addEventListener("click", () => this.#load(this.#next));
  }

  show(shown) {
    this.#shown = shown;
    this.#rows.clear();
    this.#place.replaceChildren();
    this.#next = null;
    return this.#load(null);
  }

  // A task that was made or came back goes to the top; tells whether it is among those that are shown.
  added(task) {
    if (!holds(this.#shown, task)) return false;
    this.#put(task, "prepend");
    this.#describe();
    return true;
  }

  async #load(cursor) {
    this.#loading?.abort();
    const loading = this.#loading = new AbortController();
    this.#place.setAttribute("aria-busy", "true");
    this.#error.hidden = true;
    this.#empty.hidden = true;
    try {
      const { value, next } = await tasks.list(this.#shown, cursor, loading.signal);
      const last = this.#place.lastElementChild;
      value.forEach((task) => this.#put(task, "append"));
      this.#next = next;
      if (cursor) (last?.nextElementSibling ?? this.#place).querySelector("input, button")?.focus();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#error.textContent = messageOf(error);
      this.#error.hidden = false;
    }
    this.#place.removeAttribute("aria-busy");
    this.#describe();
  }

  // A task may be met again at another place while the list is walked: the newer version stands.
  #put(task, how) {
    const known = this.#rows.get(task.task_id);
    if (known) {
      if (task.version > known.task.version) known.show(task);
      return;
    }
    const row = new Row(task, { trash: this.#shown.trash, changed: (now) => this.#changed(now),
      gone: (id) => this.#gone(id), back: (now) => this.added(now) });
    this.#rows.set(task.task_id, row);
    this.#place[how](row.element);
  }

  #changed(task) {
    const row = this.#rows.get(task.task_id);
    if (!holds(this.#shown, task)) this.#gone(task.task_id);
    else if (row) row.show(task);
    else this.added(task);
  }

  #gone(id) {
    const row = this.#rows.get(id);
    if (!row) return;
    const beside = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const focused = row.element.contains(document.activeElement) || document.activeElement === document.body;
    this.#rows.delete(id);
    row.element.remove();
    if (focused) (beside ?? document.getElementById("add")).querySelector("input, button")?.focus();
    this.#describe();
  }

  #describe() {
    const count = this.#rows.size;
    this.#more.hidden = !this.#next;
    this.#count.textContent = count ? `${count}${this.#next ? " or more" : ""} ${count === 1 ? "task" : "tasks"}` : "";
    this.#empty.textContent = EMPTY[this.#shown.tab.name] ?? "No task has this status.";
    this.#empty.hidden = count > 0 || !this.#error.hidden;
  }
}
