// Logging in, and registering: a dialog that stays until it is done, since nothing else can be seen before.

import { read, write } from "./api.js";
import { button, busy, el, newId } from "./dom.js";
import { messageOf } from "./problem.js";

const WORDS = {
  login: { title: "Log in", send: "Log in", other: "Register instead" },
  register: { title: "Register", send: "Register", other: "Log in instead" },
};

export function logIn() {
  const dialog = document.getElementById("login");
  return new Promise((done) => {
    const show = (kind) => dialog.replaceChildren(form(kind, show, (given) => {
      dialog.oncancel = null;
      dialog.close();
      dialog.replaceChildren();
      done(given);
    }));
    dialog.oncancel = (event) => event.preventDefault();
    show("login");
    dialog.showModal();
  });
}

function form(kind, show, done) {
  const words = WORDS[kind];
  const error = el("p", { class: "form-error", role: "alert", hidden: true });
  const made = el("form", { class: "login", novalidate: true }, el("h2", { id: "login-title" }, words.title),
    kind === "register" ? field("name", "Name", { autocomplete: "name" }) : null,
    field("email", "E-mail", { type: "email", autocomplete: "username" }),
    field("password", "Password", { type: "password",
      autocomplete: kind === "register" ? "new-password" : "current-password" }),
    error, el("div", { class: "editor-actions" }, el("button", { type: "submit", class: "primary" }, words.send),
      button(words.other, () => show(kind === "login" ? "register" : "login"), { class: "quiet" })));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    error.hidden = true;
    busy(made, () => send(kind, Object.fromEntries(new FormData(made))).then(done).catch((problem) => {
      error.textContent = messageOf(problem);
      error.hidden = false;
    }));
  });
  return made;
}

async function send(kind, { name, email, password }) {
  if (kind === "register") await write("POST", "users/", { body: { name, email, password } });
  const { token } = await write("POST", "tokens/", { body: { email, password, name: "The page" } });
  const { value: me } = await read("users/me", { headers: { Authorization: `Bearer ${token}` } });
  return { token, user: me.id };
}

function field(name, label, attributes) {
  const id = newId(name);
  return el("p", { class: "login-field" }, el("label", { for: id }, label), el("input", { id, name, ...attributes }));
}
