// Two people changed the same field: both values side by side, and the person chooses, field by field.

import { openDialog } from "./dialog.js";
import { button, el, newId } from "./dom.js";
import { NAMES } from "./fields.js";
import { same } from "./merge.js";
import { inWords } from "./words.js";

// names: the fields to decide about; base, mine, theirs: as in merge.js. Gives what is left of mine, or null.
export function choose(names, base, mine, theirs) {
  return openDialog("conflict", (close) => {
    const form = el("form", {},
      el("h2", { id: "conflict-title" }, "Someone else changed this task"),
      el("p", {}, "You both changed the same field. Nothing is lost: choose what to keep."),
      ...elsewhere(base, theirs, mine),
      ...names.map((name) => choice(name, base[name], mine[name], theirs[name])),
      el("div", { class: "editor-actions" }, el("button", { type: "submit", class: "primary" }, "Save this choice"),
        button("Not now", () => close(null), { class: "quiet" })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const left = Object.entries(mine).filter(([name]) =>
        !names.includes(name) || form.elements.namedItem(`keep-${name}`).value === "mine");
      close(Object.fromEntries(left));
    });
    return form;
  });
}

function choice(name, base, mine, theirs) {
  return el("fieldset", { class: "choice" }, el("legend", {}, NAMES[name]),
    el("p", { class: "soft" }, `Before: ${inWords(name, base)}`),
    option(name, "mine", "Yours", mine, true), option(name, "theirs", "Theirs", theirs, false));
}

function option(name, value, whose, content, checked) {
  const id = newId("keep");
  return el("label", { class: "option", for: id },
    el("input", { type: "radio", id, name: `keep-${name}`, value, checked }),
    el("span", {}, el("b", {}, whose), el("span", { class: "option-value" }, inWords(name, content))));
}

// What the other one changed and the person did not: it stays.
function elsewhere(base, theirs, mine) {
  const names = Object.keys(NAMES).filter((name) => name in base && !(name in mine) && !same(base[name], theirs[name]));
  if (names.length === 0) return [];
  return [el("p", { class: "soft" }, "They also changed (kept): ",
    names.map((name) => `${NAMES[name]} → ${inWords(name, theirs[name])}`).join("; "), ".")];
}
