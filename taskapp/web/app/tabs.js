// The tabs: links, so that they work as links do everywhere.

import { el } from "./dom.js";
import { TABS, address } from "./view.js";

export function tabs(place, { tab }) {
  place.replaceChildren(...TABS.map((each) => el("a", {
    href: address({ show: each.name }),
    "aria-current": each === tab ? "page" : null,
  }, each.label)));
}
