// Modal dialogs that are answered; Escape answers null.

import { button, el } from "./dom.js";

// make: given `close`, builds what the dialog shows; gives a promise of what `close` is called with.
export function openDialog(id, make) {
  const dialog = document.getElementById(id);
  return new Promise((done) => {
    const close = (answer) => {
      dialog.oncancel = null;
      dialog.close();
      dialog.replaceChildren();
      done(answer);
    };
    dialog.oncancel = (event) => { event.preventDefault(); close(null); };
    dialog.replaceChildren(make(close));
    dialog.showModal();
  });
}

// Gives a promise of whether the person said yes. The first button has the focus, and does no harm.
export async function ask({ title, text, yes }) {
  return Boolean(await openDialog("ask", (close) => el("div", {},
    el("h2", { id: "ask-title" }, title), el("p", { id: "ask-text" }, text),
    el("div", { class: "editor-actions" }, button("Cancel", () => close(false), { class: "quiet" }),
      button(yes, () => close(true), { class: "danger" })))));
}
