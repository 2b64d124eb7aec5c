"""Where rows stand: in their order, and still while somebody clicks; and what is asked before a task is gone."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import act, row, toast


def middle(of: Locator) -> tuple[float, float]:
    of.scroll_into_view_if_needed()
    box = of.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press(page: Page, count: int) -> None:
    """Press the mouse button for the first or the second time of a double click."""
    page.mouse.down(click_count=count)
    page.mouse.up(click_count=count)


def test_sorted_by_due_date_a_new_task_stands_where_it_belongs(page: Page, api: Any, title: str) -> None:
    for year in (1901, 1903):
        api.make(f"{title} {year}", due_date=f"{year}-01-01T00:00:00Z")
    page.goto("/app/#show=open&sort=due_date")
    expect(row(page, f"{title} 1903")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    for name, due in ((f"{title} 1902", "1902-01-01T00:00"), (f"{title} 1900", "1900-01-01T00:00")):
        page.get_by_role("textbox", name="New task").fill(name)
        page.get_by_label("Due", exact=True).fill(due)
        page.get_by_role("button", name="Add task").click()
        expect(row(page, name)).to_be_visible()
    mine = page.locator(".task-title", has_text=title)
    expect(mine).to_have_text([f"{title} {year}" for year in (1900, 1901, 1902, 1903)])
    page.reload()
    expect(mine).to_have_text([f"{title} {year}" for year in (1900, 1901, 1902, 1903)])


def test_the_page_orders_tasks_as_the_service_does(page: Page, api: Any, title: str) -> None:
    for due in (None, "2031-01-01T00:00:00Z", "2030-01-01T00:00:00Z", None, "2031-01-01T00:00:00Z"):
        api.make(title, due_date=due, status="in_progress")
    page.goto("/app/")
    for sort in ("-created_at", "created_at", "due_date", "-due_date"):
        listed = api.call("GET", f"/tasks/?status=in_progress&limit=200&sort={sort}")
        ordered = page.evaluate("""async ([sort, tasks]) => {
            const { order } = await import("/app/app/view.js");
            return tasks.sort((one, other) => order({ sort }, one, other)).map((task) => task.task_id);
        }""", [sort, sorted(listed, key=lambda task: str(task["task_id"]))])
        assert ordered == [task["task_id"] for task in listed], sort


def test_a_new_task_that_belongs_beyond_what_is_loaded_is_not_shown_before(page: Page, api: Any, title: str) -> None:
    for number in range(51):
        api.make(f"{title} {number}", due_date="9000-01-01T00:00:00Z")
    page.goto("/app/#show=pending&sort=-due_date")
    expect(page.locator("li.task")).to_have_count(50)
    page.get_by_role("textbox", name="New task").fill(title)
    page.get_by_role("textbox", name="New task").press("Enter")
    expect(toast(page, "was added; it is not among the tasks shown.")).to_be_visible()
    expect(page.locator("li.task")).to_have_count(50)


def test_a_second_click_meets_the_same_task(page: Page, api: Any, title: str) -> None:
    first, second = f"{title} first", f"{title} second"
    below, above = api.make(second), api.make(first)
    page.goto("/app/")
    page.mouse.move(*middle(row(page, first).get_by_role("checkbox")))
    press(page, 1)
    expect(row(page, first)).to_have_attribute("data-status", "completed")
    press(page, 2)
    expect(row(page, first)).not_to_have_attribute("aria-busy", "true")
    page.mouse.move(*middle(row(page, first).locator('[data-action="delete"]')))
    press(page, 1)
    expect(toast(page, "moved to the trash")).to_be_visible()
    press(page, 2)
    # A click of its own, too, meets nothing.
    press(page, 1)
    expect(row(page, second)).not_to_have_attribute("aria-busy", "true")
    assert api.get(below)["version"] == 1
    toast(page, "moved to the trash").get_by_role("button", name="Undo").click()
    expect(row(page, first)).to_have_attribute("data-version", "4")
    assert api.get(above)["status"] == "completed"


def test_a_completed_row_goes_when_the_pointer_is_elsewhere(page: Page, api: Any, title: str) -> None:
    api.make(title)
    page.clock.install()
    page.goto("/app/")
    act(page, title, "complete")
    expect(row(page, title)).to_have_attribute("data-status", "completed")
    page.clock.run_for(6_000)
    expect(row(page, title)).to_be_visible()
    page.mouse.move(1, 1)
    page.clock.run_for(6_000)
    expect(row(page, title)).to_have_count(0)


def test_the_key_that_deleted_a_task_does_nothing_to_the_next(page: Page, api: Any, title: str) -> None:
    first, second = f"{title} first", f"{title} second"
    below, _ = api.make(second), api.make(first)
    page.goto("/app/")
    row(page, first).locator('[data-action="delete"]').focus()
    page.keyboard.press("Space")
    expect(row(page, second)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(row(page, second).get_by_role("checkbox")).to_be_focused()
    assert api.get(below)["version"] == 1


def test_a_double_click_undoes_one_change_only(page: Page, api: Any, title: str) -> None:
    tasks = [api.make(f"{title} {number}") for number in range(2)]
    page.goto("/app/")
    for task in tasks:
        act(page, task["title"], "complete")
        expect(toast(page, task["title"])).to_be_visible()
    page.mouse.move(*middle(toast(page, tasks[1]["title"]).get_by_role("button", name="Undo")))
    press(page, 1)
    press(page, 2)
    expect(row(page, tasks[1]["title"])).to_have_attribute("data-status", "pending")
    expect(toast(page, tasks[0]["title"])).to_be_visible()
    assert api.get(tasks[0])["status"] == "completed"


def test_deleting_for_good_is_asked_about_first(page: Page, api: Any, title: str) -> None:
    task = api.make(title)
    api.call("DELETE", f"/tasks/{task['task_id']}")
    page.goto("/app/#show=trash")
    purge = row(page, title).locator('[data-action="purge"]')
    dialog = page.get_by_role("alertdialog", name=f"Delete “{title}” for good?")
    for no in ("Escape", "Enter"):
        purge.press("Enter")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press(no)
        expect(dialog).to_be_hidden()
        expect(purge).to_be_focused()
    assert title in [each["title"] for each in api.call("GET", "/tasks/?trash=true&limit=200")]
    purge.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(toast(page, "deleted for good")).to_be_visible()
    assert title not in [each["title"] for each in api.call("GET", "/tasks/?trash=true&limit=200")]
