// Making elements: text goes in as text, never as HTML.

let made = 0;

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// The second click of a double click does nothing: it may have been meant for what was there before.
export function button(label, run, attributes = {}) {
  return el("button", { type: "button", onclick: (event) => { if (event.detail < 2) run(); }, ...attributes }, label);
}

export function newId(prefix) {
  made += 1;
  return `${prefix}-${made}`;
}

// Whether the person is at an element, and not elsewhere: only then may the focus move within it.
export function hasFocus(element) {
  return element.contains(document.activeElement) || document.activeElement === document.body;
}

// Runs an action with a form or a row marked busy, and its buttons out of reach meanwhile.
export async function busy(element, action) {
  if (element.getAttribute("aria-busy") === "true") return undefined;
  element.setAttribute("aria-busy", "true");
  try {
    return await action();
  } finally {
    element.removeAttribute("aria-busy");
  }
}
