"""What was typed and not saved is not lost: another view, Escape, another change, a reload."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import act, editor, row, toast


def test_an_edit_survives_whatever_is_done_but_saving(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "edit")
    text = editor(page, title).get_by_label("Description")
    text.fill("half a sen")
    page.get_by_role("link", name="All", exact=True).click()
    expect(text).to_have_value("half a sen")
    beside = page.context.new_page()
    beside.bring_to_front()
    page.bring_to_front()
    beside.close()
    expect(text).to_have_value("half a sen")
    text.press("Escape")
    expect(row(page, title)).to_contain_text("Unsaved changes")
    act(page, title, "edit")
    expect(text).to_have_value("half a sen")
    page.reload()
    expect(text).to_have_value("half a sen")
    assert api.get(task)["version"] == 1
    text.fill("half a sentence")
    page.get_by_role("button", name="Save").click()
    expect(row(page, title)).to_contain_text("half a sentence")
    page.reload()
    expect(row(page, title)).to_contain_text("half a sentence")
    expect(row(page, title)).not_to_contain_text("Unsaved changes")


def test_discarding_an_edit_forgets_it(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "edit")
    expect(editor(page, title).get_by_role("button", name="Cancel")).to_be_visible()
    editor(page, title).get_by_label("Description").fill("never mind")
    editor(page, title).get_by_role("button", name="Discard changes").click()
    expect(row(page, title).locator('[data-action="edit"]')).to_be_focused()
    page.reload()
    expect(row(page, title)).to_be_visible()
    assert api.get(task)["version"] == 1


def test_an_undo_beside_an_edit_leaves_it_open(page: Page, api: Any, title: str) -> None:
    task = api.make(title, priority=1)
    page.goto("/app/")
    act(page, title, "edit")
    editor(page, title).get_by_label("Priority").select_option("5")
    page.get_by_role("button", name="Save").click()
    expect(toast(page, "was changed")).to_be_visible()
    act(page, title, "edit")
    text = editor(page, title).get_by_label("Description")
    text.fill("half a sen")
    toast(page, "was changed").get_by_role("button", name="Undo").click()
    expect(editor(page, title).get_by_label("Priority")).to_have_value("1")
    expect(text).to_have_value("half a sen")
    page.get_by_role("button", name="Save").click()
    expect(row(page, title)).to_have_attribute("data-version", "4")
    assert (api.get(task)["description"], api.get(task)["priority"]) == ("half a sen", 1)


def test_a_draft_merges_with_what_others_changed_meanwhile(page: Page, api: Any, title: str) -> None:
    task = api.make(title, description="before", labels=["home"])
    page.goto("/app/")
    act(page, title, "edit")
    editor(page, title).get_by_label("Labels").fill("home, mine")
    editor(page, title).get_by_label("Description").fill("mine")
    api.patch(task, description="theirs", labels={"add": ["theirs"]}, priority=3)
    page.reload()
    expect(editor(page, title).get_by_label("Priority")).to_have_value("3")
    expect(editor(page, title).get_by_label("Description")).to_have_value("mine")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("group")).to_have_count(1)
    expect(dialog).to_contain_text("Before: beforeYoursmineTheirstheirs")
    dialog.get_by_role("button", name="Save this choice").click()
    expect(row(page, title)).to_have_attribute("data-version", "3")
    stored = api.get(task)
    assert (stored["description"], stored["labels"], stored["priority"]) == ("mine", ["home", "mine", "theirs"], 3)


def test_a_half_typed_task_survives_a_reload(page: Page, title: str) -> None:
    page.goto("/app/")
    page.get_by_role("textbox", name="New task").fill(title)
    page.get_by_role("button", name="Details").click()
    page.get_by_label("Labels").fill("garden, ho")
    page.reload()
    expect(page.get_by_role("textbox", name="New task")).to_have_value(title)
    expect(page.get_by_label("Labels")).to_have_value("garden, ho")
    page.get_by_role("button", name="Add task").click()
    expect(row(page, title)).to_contain_text("garden")
    page.reload()
    expect(row(page, title)).to_be_visible()
    expect(page.get_by_role("textbox", name="New task")).to_have_value("")


def test_clearing_a_half_typed_task_forgets_it(page: Page) -> None:
    page.goto("/app/")
    page.get_by_role("textbox", name="New task").fill("never mind")
    page.get_by_role("button", name="Details").click()
    page.get_by_label("Description").fill("at all")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Description")).to_have_value("")
    page.reload()
    expect(page.get_by_role("textbox", name="New task")).to_have_value("")
    expect(page.get_by_label("Description")).to_be_hidden()


@contextmanager
def held(page: Page, method: str) -> Iterator[Callable[[], None]]:
    """Hold the answer to the next write back until it is let go."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == method:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/tasks/**", hold)
    yield lambda: waiting.pop().continue_()
    page.unroute("**/tasks/**")


def test_what_is_typed_while_a_task_is_being_added_stays(page: Page, api: Any, title: str) -> None:
    other = f"{title} other"
    api.make(other)
    page.goto("/app/")
    field = page.get_by_role("textbox", name="New task")
    with held(page, "POST") as let_go:
        field.fill(title)
        with page.expect_request(lambda request: request.method == "POST"):
            field.press("Enter")
        field.fill("the next on")
        act(page, other, "edit")
        let_go()
        expect(row(page, title)).to_be_visible()
    expect(field).to_have_value("the next on")
    # Nor are the next letters taken from where the person is now.
    expect(editor(page, other).get_by_label("Title")).to_be_focused()


def test_what_is_typed_while_an_edit_is_being_saved_stays(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "edit")
    text = editor(page, title).get_by_label("Description")
    text.fill("one")
    with held(page, "PATCH") as let_go:
        with page.expect_request(lambda request: request.method == "PATCH"):
            text.press("Control+Enter")
        text.fill("one and two")
        let_go()
        expect(page.locator(f'[data-task="{task["task_id"]}"]')).to_have_attribute("data-version", "2")
    expect(text).to_have_value("one and two")
    text.press("Control+Enter")
    expect(row(page, title)).to_contain_text("one and two")
    assert api.get(task)["version"] == 3
