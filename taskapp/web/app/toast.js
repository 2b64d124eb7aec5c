// Short notices at the foot of the page, which may offer one action.

import { button, el } from "./dom.js";

const SECONDS = 10;

export function toast(text, action = null) {
  const box = el("div", { class: "toast" }, el("span", {}, text));
  let timer;
  const close = () => { clearTimeout(timer); box.remove(); };
  const wait = () => { clearTimeout(timer); timer = setTimeout(close, SECONDS * 1000); };
  if (action) box.append(button(action.label, () => { close(); action.run(); }, { class: "toast-action" }));
  box.append(button("×", close, { class: "quiet", "aria-label": "Close" }));
  // Who reaches for it is given the time.
  ["mouseenter", "focusin"].forEach((name) => box.addEventListener(name, () => clearTimeout(timer)));
  ["mouseleave", "focusout"].forEach((name) => box.addEventListener(name, wait));
  document.getElementById("toasts").append(box);
  wait();
}
