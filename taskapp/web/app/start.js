// Wires the parts of the page together; each part knows nothing of the others.

import { addForm } from "./add.js";
import { ROOT, watchNetwork, write } from "./api.js";
import { ask } from "./dialog.js";
import * as drafts from "./drafts.js";
import { List } from "./list.js";
import { logIn } from "./login.js";
import * as session from "./session.js";
import { tabs } from "./tabs.js";
import * as view from "./view.js";

const UNSAVED = { title: "Log out without saving?", text: "Changes that you have not saved will be discarded.",
  yes: "Log out" };
const list = new List();

function show() {
  const shown = view.current();
  tabs(document.getElementById("tabs"), shown);
  document.getElementById("add").hidden = shown.trash;
  document.getElementById("sort").value = shown.sort;
  list.show(shown);
}

const logout = document.getElementById("logout");
session.askWith(async () => {
  const given = await logIn();
  logout.hidden = false;
  return given;
});
logout.addEventListener("click", async () => {
  if (drafts.any() && !await ask(UNSAVED)) return;
  // Whatever the service says, this browser forgets the token, and shows nothing that it gave.
  await write("DELETE", "tokens/current").catch(() => null);
  drafts.dropAll();
  session.forget();
  location.reload();
});
logout.hidden = !session.known();
watchNetwork((text) => { document.getElementById("network").textContent = text; });
addForm(document.getElementById("add"), (task) => list.added(task));
document.getElementById("docs").href = new URL("docs", ROOT);
document.getElementById("sort").addEventListener("change", (event) => view.go({ sort: event.target.value }));
window.addEventListener("hashchange", show);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (event.key === "n" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("add-title").focus();
  }
});
show();
