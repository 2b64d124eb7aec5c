// Two people changed the same task: both versions side by side, and the person chooses, member by member.

import { button, el, newId } from "./dom.js";
import { NAMES } from "./fields.js";
import { inWords } from "./words.js";

// base: the task that the editing began with. Gives the members to send, or null to go on editing.
export function resolve(base, theirs, mine) {
  const names = Object.keys(mine).filter((name) => !same(mine[name], theirs[name]));
  if (names.length === 0) return Promise.resolve({});
  const dialog = document.getElementById("conflict");
  return new Promise((done) => {
    const form = el("form", {},
      el("h2", { id: "conflict-title" }, "Somebody else changed this task"),
      el("p", {}, "It was changed while you were editing. Nothing is lost: choose what to keep."),
      ...elsewhere(base, theirs, mine), ...names.map((name) => choice(name, mine[name], theirs[name])),
      el("div", { class: "editor-actions" }, el("button", { type: "submit", class: "primary" }, "Save this choice"),
        button("Back to editing", () => close(null), { class: "quiet" })));
    const close = (chosen) => { dialog.oncancel = null; dialog.close(); dialog.replaceChildren(); done(chosen); };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const kept = names.filter((name) => form.elements.namedItem(`keep-${name}`).value === "mine");
      close(Object.fromEntries(kept.map((name) => [name, mine[name]])));
    });
    dialog.oncancel = (event) => { event.preventDefault(); close(null); };
    dialog.replaceChildren(form);
    dialog.showModal();
  });
}

function choice(name, mine, theirs) {
  return el("fieldset", { class: "choice" }, el("legend", {}, NAMES[name]),
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
  const names = Object.keys(NAMES).filter((name) => !(name in mine) && !same(base[name], theirs[name]));
  if (names.length === 0) return [];
  return [el("p", { class: "soft" }, "Also changed by them, and kept: ",
    names.map((name) => `${NAMES[name]} → ${inWords(name, theirs[name])}`).join("; "), ".")];
}

function same(one, other) {
  const plain = (value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value ?? null);
  return plain(one) === plain(other);
}
