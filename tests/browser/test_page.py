"""What a person does on the page, in Chromium, against a running service."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import act, row, toast


@pytest.fixture(scope="module")
def prefixed(new_service: Any) -> Any:
    """A service whose routes are mounted elsewhere."""
    return new_service(TASKAPP_URL_PREFIX="/team/board")


@pytest.mark.parametrize("address", ["/app/", "/app"])
def test_the_page_works_with_and_without_a_slash(page: Page, api: Any, title: str, address: str) -> None:
    missing: list[str] = []
    page.on("response", lambda response: missing.append(response.url) if response.status >= 400 else None)
    api.make(title)
    page.goto(address)
    expect(row(page, title)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.tasks')).listStyleType") == "none"
    assert missing == []


@pytest.mark.parametrize("address", ["/team/board/app/", "/team/board/app"])
def test_the_page_works_under_a_prefix(page: Page, prefixed: Any, title: str, address: str) -> None:
    page.goto(prefixed.url + address)
    page.locator("#add-title").fill(title)
    page.locator("#add-title").press("Enter")
    expect(row(page, title)).to_be_visible()
    expect(page.get_by_role("link", name="API documentation")).to_have_attribute(
        "href", f"{prefixed.url}/team/board/docs")


def test_a_task_is_added_with_its_details(page: Page, api: Any, title: str) -> None:
    page.goto("/app/")
    page.get_by_role("textbox", name="New task").fill(title)
    page.get_by_role("button", name="Details").click()
    page.get_by_label("Description").fill("Front and back.")
    page.get_by_label("Due", exact=True).fill("2031-05-04T10:30")
    page.get_by_label("Priority").select_option("4")
    page.get_by_label("Labels").fill("garden, home, garden")
    page.get_by_role("button", name="Add task").click()
    expect(page.locator("li.task").first).to_contain_text(title)
    expect(row(page, title).locator(".chip.label")).to_have_text(["garden", "home"])
    stored = next(task for task in api.call("GET", "/tasks/") if task["title"] == title)
    assert stored["description"] == "Front and back."
    assert stored["due_date"] == "2031-05-04T08:30:00.000Z"
    assert (stored["priority"], stored["labels"]) == (4, ["garden", "home"])


def test_a_task_that_ends_by_itself_says_when(page: Page, api: Any, title: str) -> None:
    ending, stays = api.make(title, expires_in=86_400), api.make(f"{title} stays")
    page.goto("/app/")
    end = row(page, title).locator("time.chip")
    expect(end).to_contain_text("Expires tomorrow")
    expect(end).to_have_attribute("datetime", ending["expires_at"])
    expect(row(page, stays["title"]).locator("time.chip")).to_have_count(0)


def test_an_error_is_shown_beside_the_field(page: Page) -> None:
    page.goto("/app/")
    field = page.locator("#add-title")
    field.fill("x" * 501)
    field.press("Enter")
    error = page.locator('#add [data-error="title"]')
    expect(error).to_contain_text("1 to 500 characters")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_value("x" * 501)


def test_editing_sends_what_was_changed_and_can_be_undone(page: Page, api: Any, title: str) -> None:
    task = api.make(title, description="Front.", due_date="2031-01-01T00:00:30.123Z")
    page.goto("/app/")
    act(page, title, "edit")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("form", name=f"Edit {title}").get_by_label("Description").fill("Front and back.")
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {"description": "Front and back."}
    assert sent.value.headers["if-match"] == '"1"'
    assert sent.value.headers["idempotency-key"]
    expect(row(page, title)).to_contain_text("Front and back.")
    assert api.get(task)["due_date"] == "2031-01-01T00:00:30.123Z"
    toast(page, "was changed").get_by_role("button", name="Undo").click()
    expect(row(page, title)).to_have_attribute("data-version", "3")
    assert api.get(task)["description"] == "Front."


def test_escape_leaves_the_editor_and_changes_nothing(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "edit")
    page.get_by_role("form", name=f"Edit {title}").get_by_label("Title").fill("something else")
    page.keyboard.press("Escape")
    expect(row(page, title)).to_be_visible()
    expect(row(page, title).locator('[data-action="edit"]')).to_be_focused()
    assert api.get(task)["version"] == 1


@pytest.mark.parametrize(("choice", "description"), [("Yours", "mine"), ("Theirs", "theirs")])
def test_a_conflict_shows_both_and_keeps_what_is_chosen(page: Page, api: Any, title: str, choice: str,
                                                        description: str) -> None:
    task = api.make(title, description="before")
    page.goto("/app/")
    act(page, title, "edit")
    form = page.get_by_role("form", name=f"Edit {title}")
    form.get_by_label("Description").fill("mine")
    form.get_by_label("Priority").select_option("2")
    api.call("PATCH", f"/tasks/{task['task_id']}", {"description": "theirs", "labels": ["new"]})
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Before: beforeYoursmine")
    expect(dialog).to_contain_text("Theirstheirs")
    expect(dialog).to_contain_text("Labels → new")
    dialog.get_by_role("group", name="Description").get_by_text(choice, exact=True).click()
    dialog.get_by_role("button", name="Save this choice").click()
    expect(row(page, title)).to_have_attribute("data-version", "3")
    stored = api.get(task)
    assert (stored["description"], stored["priority"], stored["labels"]) == (description, 2, ["new"])


def test_back_from_a_conflict_keeps_what_was_written(page: Page, api: Any, title: str) -> None:
    task = api.make(title, description="before")
    page.goto("/app/")
    act(page, title, "edit")
    field = page.get_by_role("form", name=f"Edit {title}").get_by_label("Description")
    field.fill("mine")
    api.call("PATCH", f"/tasks/{task['task_id']}", {"description": "theirs"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(field).to_have_value("mine")
    assert api.get(task)["description"] == "theirs"


def test_a_completed_task_is_open_no_more(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "complete")
    expect(row(page, title)).to_have_attribute("data-status", "completed")
    assert api.get(task)["completed_at"]
    page.reload()
    expect(page.locator("#tasks")).not_to_have_attribute("aria-busy", "true")
    expect(row(page, title)).to_have_count(0)


def test_completing_is_undone(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "complete")
    toast(page, "is done").get_by_role("button", name="Undo").click()
    expect(row(page, title)).to_have_attribute("data-status", "pending")
    assert api.get(task)["status"] == "pending"


def test_a_completed_task_is_reopened(page: Page, api: Any, title: str) -> None:
    task = api.make(title, status="completed")
    page.goto("/app/")
    page.get_by_role("link", name="Completed").click()
    act(page, title, "complete")
    expect(row(page, title)).to_have_attribute("data-status", "pending")
    page.get_by_role("link", name="Pending").click()
    expect(row(page, title)).to_be_visible()
    assert api.get(task)["completed_at"] is None


def test_deleting_after_somebody_elses_change_says_so(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    expect(row(page, title)).to_be_visible()
    api.patch(task, description="look at this first")
    act(page, title, "delete")
    expect(toast(page, "Someone else has changed this task")).to_be_visible()
    expect(row(page, title)).to_contain_text("look at this first")
    act(page, title, "delete")
    expect(toast(page, "moved to the trash")).to_be_visible()


def test_a_deleted_task_comes_back_by_undo(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "delete")
    toast(page, "moved to the trash").get_by_role("button", name="Undo").click()
    expect(row(page, title)).to_have_attribute("data-version", "3")
    expect(row(page, title).get_by_role("checkbox")).to_be_enabled()
    assert api.get(task)["version"] == 3


def test_the_trash_restores_and_removes_for_good(page: Page, api: Any, title: str) -> None:
    kept, lost = api.make(title), api.make(f"{title}, too")
    for task in (kept, lost):
        api.call("DELETE", f"/tasks/{task['task_id']}")
    page.goto("/app/#show=trash")
    expect(row(page, title)).to_contain_text("Deleted today")
    act(page, title, "restore")
    expect(toast(page, "is back among the tasks")).to_be_visible()
    act(page, f"{title}, too", "purge")
    page.get_by_role("alertdialog").get_by_role("button", name="Delete for good").click()
    expect(toast(page, "deleted for good")).to_be_visible()
    assert api.get(kept)["version"] == 3
    page.get_by_role("link", name="Open").click()
    expect(row(page, title)).to_be_visible()


def test_the_history_tells_what_changed(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    api.call("PATCH", f"/tasks/{task['task_id']}", {"priority": 3, "labels": ["home"]})
    page.goto("/app/")
    act(page, title, "history")
    changes = page.get_by_role("region", name=f"History of {title}").get_by_role("listitem")
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text("Priority: None → Medium")
    expect(changes.first).to_contain_text("Labels: none → home")
    expect(changes.last).to_contain_text("Created")


def test_pages_are_loaded_one_after_the_other(page: Page, api: Any, title: str) -> None:
    names = [f"{title} {number}" for number in range(53)]
    for name in names:
        api.make(name, status="cancelled")
    page.goto("/app/#show=cancelled")
    expect(row(page, names[-1])).to_be_visible()
    assert page.locator("li.task").count() == 50
    page.get_by_role("button", name="Show more").click()
    expect(row(page, names[0])).to_be_visible()
    shown = [text for text in page.locator(".task-title").all_inner_texts() if text.startswith(title)]
    assert shown == names[::-1]


def test_the_order_is_kept_in_the_address(page: Page, api: Any, title: str) -> None:
    api.make(f"{title} late", due_date="1999-01-02T00:00:00Z")
    api.make(f"{title} early", due_date="1999-01-01T00:00:00Z")
    page.goto("/app/")
    page.get_by_role("combobox", name="Sort").select_option("Due soonest")
    mine = page.locator(".task-title", has_text=title)
    expect(mine).to_have_text([f"{title} early", f"{title} late"])
    page.reload()
    expect(page.get_by_role("combobox", name="Sort")).to_have_value("due_date")
    expect(mine).to_have_text([f"{title} early", f"{title} late"])


def test_a_lost_answer_does_not_make_a_second_task(page: Page, api: Any, title: str) -> None:
    keys: list[str] = []

    def lose_first(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.continue_()
            return
        keys.append(request.headers["idempotency-key"])
        # The service answers, but the answer does not arrive.
        route.fetch() if len(keys) == 1 else None
        route.abort() if len(keys) == 1 else route.continue_()

    page.route(re.compile(r"/tasks/(\?|$)"), lose_first)
    page.goto("/app/")
    page.locator("#add-title").fill(title)
    page.locator("#add-title").press("Enter")
    expect(row(page, title)).to_have_count(1)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len([task for task in api.call("GET", "/tasks/") if task["title"] == title]) == 1


def test_who_sends_again_after_giving_up_sends_the_same_key(page: Page, title: str) -> None:
    keys: list[str] = []

    def refuse(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.continue_()
            return
        keys.append(request.headers["idempotency-key"])
        route.abort() if len(keys) <= 4 else route.continue_()

    page.route(re.compile(r"/tasks/(\?|$)"), refuse)
    page.goto("/app/")
    page.locator("#add-title").fill(title)
    page.locator("#add-title").press("Enter")
    expect(page.locator("#network")).to_contain_text("Retrying")
    expect(page.locator("#add .form-error")).to_contain_text("cannot be reached")
    page.get_by_role("button", name="Add task").click()
    expect(row(page, title)).to_have_count(1)
    assert len(keys) == 5
    assert len(set(keys)) == 1


def test_the_page_can_be_used_with_the_keyboard_alone(page: Page, api: Any, title: str) -> None:
    page.goto("/app/")
    expect(page.locator("#tasks")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("n")
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(row(page, title)).to_be_visible()
    row(page, title).locator('[data-action="edit"]').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type("!")
    page.keyboard.press("Control+Enter")
    expect(row(page, f"{title}!")).to_be_visible()
    expect(row(page, f"{title}!").locator('[data-action="edit"]')).to_be_focused()


def test_the_text_of_a_task_is_never_markup(page: Page, api: Any) -> None:
    hostile = f"<img src=x onerror=alert(1)> {uuid.uuid4().hex[:8]}"
    api.make(hostile, description="<script>alert(1)</script>", labels=["<b>bold</b>"])
    page.goto("/app/")
    expect(row(page, hostile)).to_contain_text("<script>alert(1)</script>")
    assert row(page, hostile).locator("img, script, b").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(page: Page, api: Any, width: int) -> None:
    api.make("W" * 200, labels=["x" * 64], description="https://" + "y" * 200)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/app/")
    expect(page.locator("li.task").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
