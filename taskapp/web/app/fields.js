// The form fields of a task: made, filled, read, and marked with what the service says is wrong.

import * as dates from "./dates.js";
import { el, hasFocus, newId } from "./dom.js";
import { Problem } from "./problem.js";

export const STATUSES = [["pending", "Pending"], ["in_progress", "In progress"], ["completed", "Completed"],
  ["cancelled", "Cancelled"]];
export const PRIORITIES = ["None", "Lowest", "Low", "Medium", "High", "Highest"];
export const NAMES = { title: "Title", description: "Description", status: "Status", due_date: "Due",
  priority: "Priority", labels: "Labels", metadata: "Metadata", assignees: "Assignees", parent_id: "Part of" };

const options = (pairs) => pairs.map(([value, label]) => el("option", { value }, label));
const KINDS = {
  title: () => el("input", { autocomplete: "off" }),
  description: () => el("textarea", { rows: 3 }),
  status: () => el("select", {}, options(STATUSES)),
  due_date: () => el("input", { type: "datetime-local" }),
  priority: () => el("select", {}, options(PRIORITIES.map((label, value) => [value, label]))),
  labels: () => el("input", { autocomplete: "off", placeholder: "home, garden" }),
};
const TO_FORM = {
  // A text area knows no other line breaks.
  description: (text) => (text ?? "").replace(/\r\n?/g, "\n"),
  due_date: dates.toLocal,
  labels: (labels) => (labels ?? []).join(", "),
  priority: (value) => value ?? 0,
};
const FROM_FORM = {
  title: (text) => text.trim(),
  description: (text) => text || null,
  due_date: dates.fromLocal,
  priority: Number,
  labels: (text) => [...new Set(text.split(",").map((each) => each.trim()).filter(Boolean))],
};

export function fields(names, task = {}) {
  return names.map((name) => {
    const id = newId(name);
    const input = KINDS[name]();
    Object.assign(input, { id, name, value: inForm(name, task[name]) });
    return el("div", { class: `field field-${name}` }, el("label", { for: id }, NAMES[name]), input,
      el("p", { class: "field-error", "data-error": name, id: `${id}-error`, hidden: true }));
  });
}

export function inForm(name, value) {
  return String((TO_FORM[name] ?? ((each) => each ?? ""))(value));
}

export function valueOf(form, name) {
  const { value } = form.elements.namedItem(name);
  return (FROM_FORM[name] ?? ((each) => each))(value);
}

// What stands in some fields, letter by letter; `fill` puts it there again.
export function typed(form, names) {
  return Object.fromEntries(names.map((name) => [name, form.elements.namedItem(name).value]));
}

export function fill(form, values) {
  Object.entries(values).forEach(([name, value]) => { form.elements.namedItem(name).value = value; });
}

// The members that the person changed: a value that was not touched is not sent, so it cannot overwrite another's.
export function changed(form, task) {
  const names = Object.keys(KINDS).filter((name) => form.elements.namedItem(name)?.value !== inForm(name, task[name]));
  return Object.fromEntries(names.map((name) => [name, valueOf(form, name)]));
}

// Shows a problem: beside the fields it is about, and the rest below them.
export function explain(form, error) {
  clear(form);
  if (!(error instanceof Problem)) throw error;
  const rest = [];
  const members = error.byMember();
  for (const [name, detail] of members) if (!mark(form, name, detail)) rest.push(detail);
  const place = form.querySelector(".form-error");
  place.textContent = members.size ? rest.join(" ") : error.message;
  place.hidden = !place.textContent;
  if (hasFocus(form)) (form.querySelector("[aria-invalid]") ?? form.querySelector("[type=submit]"))?.focus();
}

export function clear(form) {
  form.querySelectorAll("[data-error], .form-error").forEach((each) => { each.hidden = true; each.textContent = ""; });
  form.querySelectorAll("[aria-invalid]").forEach((each) => {
    each.removeAttribute("aria-invalid");
    each.removeAttribute("aria-describedby");
  });
}

function mark(form, name, detail) {
  const input = name && form.elements.namedItem(name);
  const place = name && form.querySelector(`[data-error="${CSS.escape(name)}"]`);
  if (!input || !place) return false;
  place.id ||= newId("error");
  place.textContent = detail;
  place.hidden = false;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", place.id);
  return true;
}
