// The list: pages of tasks in order, and what happens to them while they are shown.

import { hasFocus } from "./dom.js";
import { messageOf } from "./problem.js";
import { Row } from "./row.js";
import * as tasks from "./tasks.js";
import { holds, order } from "./view.js";

const EMPTY = { open: "Nothing to do. Enjoy the day, or add a task above.", trash: "The trash is empty.",
  all: "No tasks yet. Add the first one above." };

// How long a row that no longer belongs keeps its place, in milliseconds: nothing moves under a second click.
const STAY = 5000;

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

  // A task that was made or came back stands where it belongs; tells whether it is among those that are shown.
  added(task) {
    if (this.#rows.has(task.task_id)) this.#changed(task);
    else if (holds(this.#shown, task)) return this.#insert(task);
    return this.#rows.has(task.task_id);
  }

  // Not beyond the last one that is loaded: who comes next there is not known yet.
  #insert(task) {
    const next = [...this.#place.children].find((each) => order(this.#shown, task, this.#at(each).task) < 0);
    if (!next && this.#next) return false;
    this.#place.insertBefore(this.#make(task), next ?? null);
    this.#describe();
    return true;
  }

  #at(element) {
    return this.#rows.get(element.dataset.task);
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
      value.forEach((task) => this.#put(task));
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
  #put(task) {
    const known = this.#rows.get(task.task_id);
    if (!known) this.#place.append(this.#make(task));
    else if (task.version > known.task.version) known.show(task);
  }

  #make(task) {
    const row = new Row(task, { trash: this.#shown.trash, changed: (now) => this.#changed(now),
      gone: (id) => this.#gone(id), back: (now) => this.added(now) });
    this.#rows.set(task.task_id, row);
    return row.element;
  }

  #changed(task) {
    const row = this.#rows.get(task.task_id);
    if (!row) {
      this.added(task);
      return;
    }
    // What can be changed is not in the trash any more.
    if (this.#shown.trash) row.leave();
    else row.show(task);
    if (!this.#belongs(row)) this.#retire(row);
    this.#describe();
  }

  #gone(id) {
    const row = this.#rows.get(id);
    if (!row) return;
    const focused = hasFocus(row.element);
    row.leave();
    if (focused) this.#focusBeside(row);
    this.#retire(row);
    this.#describe();
  }

  #belongs(row) {
    return !row.left && (this.#shown.trash || holds(this.#shown, row.task));
  }

  // The row goes when nobody is at it any more, and no pointer is where another one would come.
  #retire(row) {
    clearTimeout(row.leaving);
    row.leaving = setTimeout(() => {
      if (this.#rows.get(row.task.task_id) !== row || this.#belongs(row)) return;
      if (row.editing || row.element.matches(":focus-visible, :has(:focus-visible)") || this.#place.matches(":hover")) {
        this.#retire(row);
        return;
      }
      if (row.element.contains(document.activeElement)) this.#focusBeside(row);
      this.#rows.delete(row.task.task_id);
      row.element.remove();
    }, STAY);
  }

  // A row itself takes the focus: the same key again does nothing to a task that it was not meant for.
  #focusBeside({ element }) {
    const staying = [...this.#place.children].filter((each) => each === element || !this.#at(each).left);
    const at = staying.indexOf(element);
    (staying[at + 1] ?? staying[at - 1] ?? document.getElementById("add-title")).focus();
  }

  #describe() {
    const count = [...this.#rows.values()].filter((row) => this.#belongs(row)).length;
    this.#more.hidden = !this.#next;
    this.#count.textContent = count ? `${count}${this.#next ? " or more" : ""} ${count === 1 ? "task" : "tasks"}` : "";
    this.#empty.textContent = EMPTY[this.#shown.tab.name] ?? "No task has this status.";
    this.#empty.hidden = count > 0 || !this.#error.hidden;
  }
}
