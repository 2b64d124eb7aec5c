"""What can be operated can be seen: 3:1 for what shows a control (WCAG 2.2, 1.4.11), and in forced colours, too."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import act, editor, opened, row

# The contrast of two colours, each a list of red, green and blue.
CONTRAST = """
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255)
      .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ratio = (...lights) => (Math.max(...lights) + .05) / (Math.min(...lights) + .05);"""

# By control, the contrast of what shows it: its border, or that of the box it fills; else its own ground; else its
# text. And that of a tick in its box.
CONTRASTS = "() => {" + CONTRAST + r"""
  const parts = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const seen = (colour) => parts(colour)[3] !== 0;
  const contrast = (one, other) => ratio(light(parts(one).slice(0, 3)), light(parts(other).slice(0, 3)));
  const ground = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return seen(backgroundColor) ? backgroundColor : ground(element.parentElement);
  };
  const shown = (element) => {
    const { borderTopWidth, borderTopColor, backgroundColor, color } = getComputedStyle(element);
    if (parseFloat(borderTopWidth) > 0 && seen(borderTopColor))
      return contrast(borderTopColor, ground(element.parentElement));
    if (element.matches("button, a"))
      return seen(backgroundColor) ? contrast(backgroundColor, ground(element.parentElement))
        : contrast(color, ground(element));
    return shown(element.parentElement);
  };
  const found = {};
  const note = (element, part, value) => {
    const name = [element.localName, element.name, element.className, element.dataset?.action, part].join(" ").trim();
    found[name] = Math.min(value, found[name] ?? Infinity);
  };
  for (const element of document.querySelectorAll("input:not([type=radio]), select, textarea, button, a, .option")) {
    if (!element.checkVisibility() || element.closest("[inert]")) continue;
    note(element, "", shown(element));
    if (element.matches(".check:checked"))
      note(element, "tick", contrast(getComputedStyle(element, "::before").borderBottomColor, ground(element)));
  }
  return found;
}"""


# The contrast between the lightest and the darkest pixel in the middle of a picture.
INSIDE = "async (png) => {" + CONTRAST + """
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const [x, y] = [image.width / 4, image.height / 4];
  const { data } = canvas.getImageData(x, y, 2 * x, 2 * y);
  const pixels = Array.from({ length: data.length / 4 }, (_, at) => [...data.slice(4 * at, 4 * at + 3)]);
  return ratio(...pixels.map(light));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_have_contrast(page: Page, api: Any, title: str, scheme: Any) -> None:
    task = api.make(title, description="before")
    page.emulate_media(color_scheme=scheme)
    api.make(f"{title} done", status="completed")
    page.goto("/app/#show=all")
    page.get_by_role("button", name="Details").click()
    act(page, f"{title} done", "complete")
    expect(page.locator(".toast")).to_be_visible()
    act(page, f"{title} done", "complete")
    expect(row(page, f"{title} done").get_by_role("checkbox")).to_be_checked()
    act(page, title, "edit")
    editor(page, title).get_by_label("Description").fill("mine")
    api.patch(task, description="theirs")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found = page.evaluate(CONTRASTS)
    assert {name: value for name, value in found.items() if value < 3} == {}
    kinds = ("input title", "select status", "textarea", "check complete", "tick", "option", "primary", "toast-action")
    assert [kind for kind in kinds if not any(kind in name for name in found)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_show_what_is_done(browser: Browser, service: Any, api: Any, title: str, scheme: Any) -> None:
    api.make(title)
    api.make(f"{title} done", status="completed")
    with opened(browser, service.url, forced_colors="active", color_scheme=scheme) as page:
        page.goto("/app/#show=all")
        boxes = [row(page, name).get_by_role("checkbox") for name in (title, f"{title} done")]
        expect(boxes[1]).to_be_checked()
        pictures = [base64.b64encode(box.screenshot()).decode() for box in boxes]
        blank = page.context.new_page()
        empty, ticked = (blank.evaluate(INSIDE, picture) for picture in pictures)
        assert empty < 3 <= ticked
        done = row(page, f"{title} done").locator(".task-title")
        expect(done).to_have_css("text-decoration-line", "line-through")
        current = page.get_by_role("link", name="All", exact=True)
        others = page.get_by_role("link", name="Open", exact=True)
        lines = [each.evaluate("each => getComputedStyle(each).borderBottomColor") for each in (current, others)]
        assert lines[0] != lines[1]
