"""Two people change the same task: both changes are kept, and the page asks only where both changed the same field."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import act, editor, opened, row

A, B, C = {"title": "a"}, {"title": "b"}, {"title": "c"}
NONE: dict[str, Any] = {}
# base, mine, theirs; what is sent, and what is asked.
MERGES = [
    (A, NONE, B, NONE, []),
    (A, B, A, B, []),
    (A, A, B, NONE, []),
    (A, B, B, NONE, []),
    (A, B, C, NONE, ["title"]),
    (A | {"priority": 1}, B | {"priority": 2}, C | {"priority": 1}, {"priority": 2}, ["title"]),
    (A | {"priority": 1}, {"priority": 2}, B | {"priority": 1}, {"priority": 2}, []),
    ({"due_date": None}, {"due_date": "2031"}, {"due_date": None}, {"due_date": "2031"}, []),
    ({"due_date": "2031"}, {"due_date": None}, {"due_date": "2032"}, NONE, ["due_date"]),
    ({"labels": []}, {"labels": ["x"]}, {"labels": ["y"]}, {"labels": {"add": ["x"], "remove": []}}, []),
    ({"labels": ["x", "y"]}, {"labels": ["y"]}, {"labels": ["x", "y", "z"]},
     {"labels": {"add": [], "remove": ["x"]}}, []),
    ({"labels": ["x"]}, {"labels": ["y"]}, {"labels": ["y"]}, NONE, []),
    ({"labels": ["x", "y"]}, {"labels": ["y", "x"]}, {"labels": ["z"]}, NONE, []),
    ({"assignees": ["x"]}, {"assignees": ["x", "y"]}, {"assignees": []}, {"assignees": {"add": ["y"], "remove": []}},
     []),
]


@pytest.fixture
def other(browser: Browser, service: Any) -> Iterator[Page]:
    """Somebody else's page."""
    with opened(browser, service.url) as found:
        yield found


def test_the_table_of_merges(page: Page) -> None:
    page.goto("/app/")
    found = page.evaluate("""async (cases) => {
        const { merge } = await import("/app/app/merge.js");
        return cases.map(([base, mine, theirs]) => merge(base, mine, theirs));
    }""", [case[:3] for case in MERGES])
    assert found == [{"patch": patch, "conflicts": conflicts} for *_, patch, conflicts in MERGES]


def test_two_people_each_add_a_label(page: Page, other: Page, api: Any, title: str) -> None:
    task = api.make(title, labels=["home"])
    for each, label in ((page, "garden"), (other, "weekend")):
        each.goto("/app/")
        act(each, title, "edit")
        editor(each, title).get_by_label("Labels").fill(f"home, {label}")
    other.get_by_role("button", name="Save").click()
    expect(row(other, title)).to_contain_text("weekend")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {"labels": {"add": ["garden"], "remove": []}}
    expect(row(page, title).locator(".chip.label")).to_have_text(["garden", "home", "weekend"])
    assert api.get(task)["labels"] == ["garden", "home", "weekend"]


def test_changes_to_different_fields_are_both_kept_without_a_question(page: Page, other: Page, api: Any,
                                                                      title: str) -> None:
    task = api.make(title, description="before")
    for each in (page, other):
        each.goto("/app/")
        act(each, title, "edit")
    editor(other, title).get_by_label("Description").fill("theirs")
    editor(other, title).get_by_label("Status").select_option("in_progress")
    other.get_by_role("button", name="Save").click()
    expect(row(other, title)).to_contain_text("theirs")
    editor(page, title).get_by_label("Priority").select_option("4")
    editor(page, title).get_by_label("Status").select_option("in_progress")
    page.get_by_role("button", name="Save").click()
    expect(row(page, title)).to_have_attribute("data-version", "3")
    stored = api.get(task)
    assert (stored["description"], stored["status"], stored["priority"]) == ("theirs", "in_progress", 4)


def test_who_decided_is_asked_again_only_about_a_newer_value(page: Page, api: Any, title: str) -> None:
    task = api.make(title, description="before")
    page.goto("/app/")
    act(page, title, "edit")
    editor(page, title).get_by_label("Description").fill("mine")
    api.patch(task, description="theirs")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Before: beforeYoursmineTheirstheirs")
    api.patch(task, labels=["new"])
    dialog.get_by_role("button", name="Save this choice").click()
    expect(row(page, title)).to_have_attribute("data-version", "4")
    assert (api.get(task)["description"], api.get(task)["labels"]) == ("mine", ["new"])


def test_line_breaks_that_a_browser_writes_otherwise_are_no_change(page: Page, api: Any, title: str) -> None:
    api.make(title, description="one\r\ntwo")
    page.goto("/app/")
    act(page, title, "edit")
    editor(page, title).get_by_label("Priority").select_option("2")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {"priority": 2}


def test_completing_goes_with_somebody_elses_label(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    expect(row(page, title)).to_be_visible()
    api.patch(task, labels=["new"])
    act(page, title, "complete")
    expect(row(page, title)).to_have_attribute("data-status", "completed")
    expect(row(page, title)).to_contain_text("new")
    stored = api.get(task)
    assert (stored["status"], stored["labels"], stored["version"]) == ("completed", ["new"], 3)


def test_completing_what_somebody_else_cancelled_is_asked(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    expect(row(page, title)).to_be_visible()
    api.patch(task, status="cancelled")
    act(page, title, "complete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Before: PendingYoursCompletedTheirsCancelled")
    dialog.get_by_role("button", name="Not now").click()
    expect(row(page, title)).to_have_attribute("data-status", "cancelled")
    assert api.get(task)["version"] == 2


def test_a_change_whose_answer_was_lost_is_not_a_conflict(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    page.goto("/app/")
    act(page, title, "edit")
    editor(page, title).get_by_label("Description").fill("mine")

    def lose(route: Any, request: Request) -> None:
        if request.method == "PATCH":
            route.fetch()
            page.context.set_offline(True)
            route.abort()
        else:
            route.continue_()

    page.route("**/tasks/*", lose, times=1)
    page.get_by_role("button", name="Save").click()
    expect(editor(page, title).get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/tasks/*")
    page.context.set_offline(False)
    # Even after a reload, when nobody knows any more what was sent.
    page.reload()
    page.get_by_role("button", name="Save").click()
    expect(row(page, title)).to_contain_text("mine")
    assert api.get(task)["version"] == 2
