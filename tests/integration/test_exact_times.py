"""Due dates are kept to the millisecond in any year; the driver's own reading is off by microseconds beyond 2242."""

import pytest

from tests.fixtures.client import Client

DATES = ["0001-01-01T00:00:00.000Z", "1600-02-29T23:59:59.999Z", "2242-03-16T12:56:32.001Z", "2300-01-01T00:00:00.123Z",
         "9999-12-31T23:59:59.999Z"]


@pytest.mark.parametrize("date", DATES)
def test_a_date_is_read_as_it_was_written(client: Client, date: str) -> None:
    task = client.make(due_date=date)
    assert task["due_date"] == date
    assert client.read(task) == task
    # A change of nothing is one only if what is read equals what was written.
    assert client.patch(f"/tasks/{task['task_id']}", json={"due_date": date}).ok()["version"] == 1


@pytest.mark.parametrize("date", DATES)
def test_a_row_leaves_its_place_when_the_date_goes(client: Client, date: str) -> None:
    task = client.make(due_date=date)
    moved = client.patch(f"/tasks/{task['task_id']}", json={"due_date": None}).ok()
    for sort in ("due_date", "-due_date"):
        rows = [each for page in client.pages(sort=sort, limit=200) for each in page
                if each["task_id"] == task["task_id"]]
        assert rows == [moved]
    client.delete(f"/tasks/{task['task_id']}").ok()


@pytest.mark.parametrize("offset", ["+05:99", "+00:60", "+24:00", "-25:00"])
def test_an_offset_that_is_none_is_refused(client: Client, offset: str) -> None:
    client.post("/tasks/", json={"title": "t", "due_date": f"2026-01-01T00:00:00{offset}"}
                ).problem(422, "invalid", "/due_date")
