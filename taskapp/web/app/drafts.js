// What was typed and not saved: kept for this browser tab and user until it is saved or discarded, so that neither
// another view nor a reload loses it. Two browser tabs do not mix up what is typed in them.

import * as session from "./session.js";

const PREFIX = "taskapp-draft";
const mine = () => `${PREFIX}:${session.user() ?? ""}:`;

// name: a task's id, or NEW.
export const NEW = "new";

export function read(name) {
  return JSON.parse(sessionStorage.getItem(mine() + name));
}

export function keep(name, draft) {
  sessionStorage.setItem(mine() + name, JSON.stringify(draft));
}

export function drop(name) {
  sessionStorage.removeItem(mine() + name);
}

export function any() {
  return keys().length > 0;
}

export function dropAll() {
  keys().forEach((key) => sessionStorage.removeItem(key));
}

function keys() {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(mine()));
}
