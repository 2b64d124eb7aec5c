"""Walks by due date meet each task, although due dates change meanwhile (api.md, Exactly: never lost).

Negative controls: without the last part of a walk (`walks._moved`) tasks that move to its back are lost; without the
names of those that it met (`Walk.meet`), tasks that moved just before it come twice.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from taskapp.features.tasks.walks import MAX_MET
from tests.fixtures.client import Client, Task
from tests.fixtures.orders import check_walk
from tests.fixtures.service import NewService

BY_DUE = ("due_date", "-due_date")
STATUSES: tuple[list[str], ...] = ([], ["pending"], ["pending", "completed"])
# The ends of either order, the middle, and no date.
DATES = ("1990-01-01T00:00:00.000Z", "2031-01-06T12:00:00.000Z", "2090-01-01T00:00:00.000Z", None)


@pytest.fixture(scope="module")
def client(new_service: NewService, new_keyspace: Callable[[], str]) -> Iterator[Client]:
    """Talk to a service of this file's own."""
    made = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=new_keyspace()).url)
    yield made
    made.close()


@pytest.fixture
def twelve(client: Client) -> Iterator[list[Task]]:
    """Twelve tasks, and no others: nine with a due date, three without."""
    made = [client.make(f"Task {number}", status=STATUSES[2][number % 2],
                        due_date=f"2031-01-{number + 1:02}T00:00:00.000Z" if number < 9 else None)
            for number in range(12)]
    yield made
    for task in made:
        client.delete(f"/tasks/{task['task_id']}?permanent=true").ok()


def reschedule(client: Client, task: Task, due_date: str | None) -> Task:
    changed: Task = client.patch(f"/tasks/{task['task_id']}", json={"due_date": due_date}).ok()
    return changed


def listed(tasks: list[Task], statuses: list[str]) -> list[Task]:
    return [task for task in tasks if not statuses or task["status"] in statuses]


def count(walk: list[Task]) -> Counter[str]:
    return Counter(task["task_id"] for task in walk)


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("statuses", STATUSES, ids="-".join)
@pytest.mark.parametrize("sort", BY_DUE)
def test_who_moves_during_a_walk_is_not_lost(client: Client, twelve: list[Task], sort: str, statuses: list[str],
                                             limit: int) -> None:
    chance = random.Random(f"{sort} {statuses} {limit}")
    for _ in range(3):
        moved, walk = set(), []
        for page in client.pages(sort=sort, status=statuses, limit=limit):
            walk += page
            task = chance.choice(twelve)
            moved.add(reschedule(client, task, chance.choice(DATES))["task_id"])
        met = count(walk)
        for task in listed(twelve, statuses):
            assert met[task["task_id"]] == 1 or (task["task_id"] in moved and met[task["task_id"]] > 1)


@pytest.mark.parametrize("sort", BY_DUE)
def test_from_the_end_to_the_back_of_the_walk(client: Client, twelve: list[Task], sort: str) -> None:
    last = client.walk(sort=sort)[-1]
    pages = client.pages(sort=sort, limit=2)
    walk = next(pages)
    now = reschedule(client, last, walk[0]["due_date"])
    walk += [task for page in pages for task in page]
    assert walk[-1] == now
    assert set(count(walk).values()) == {1}
    assert len(walk) == len(twelve)


@pytest.mark.parametrize("way", ["undo", "PUT"])
def test_however_it_was_moved(client: Client, twelve: list[Task], way: str) -> None:
    last = client.walk(sort="due_date")[-1]
    path = f"/tasks/{last['task_id']}"
    reschedule(client, reschedule(client, last, DATES[0]), DATES[2])
    pages = client.pages(sort="due_date", limit=2)
    walk = next(pages)
    if way == "undo":
        client.post(f"{path}/undo").ok()
    else:
        client.put(path, json={"title": last["title"], "due_date": DATES[0]}).ok()
    walk += [task for page in pages for task in page]
    assert count(walk)[last["task_id"]] == 1


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 11])
def test_the_pages_of_those_that_moved(client: Client, twelve: list[Task], limit: int) -> None:
    pages = client.pages(sort="due_date", limit=limit)
    walk = next(pages)
    for task in twelve[limit:]:
        reschedule(client, task, DATES[0])
    rest = list(pages)
    assert all(len(page) == limit for page in rest[:-1])
    walk += [task for page in rest for task in page]
    assert count(walk) == count(twelve)


@pytest.mark.parametrize("moved", [MAX_MET // 2, MAX_MET, MAX_MET + 1, 3 * MAX_MET])
@pytest.mark.parametrize("sort", BY_DUE)
def test_who_moved_before_a_walk_comes_once(client: Client, sort: str, moved: int) -> None:
    made = [client.make(f"Task {number}", due_date=DATES[number % 4]) for number in range(moved + 3)]
    now = [reschedule(client, task, f"2040-01-01T00:00:{number:02}.000Z") for number, task in enumerate(made[:moved])]
    for limit in (1, 7, moved, moved + 3):
        walk = client.walk(sort=sort, limit=limit)
        check_walk(walk, [*now, *made[moved:]], sort)
        assert len(walk) == len(made)
    for task in made:
        client.delete(f"/tasks/{task['task_id']}?permanent=true").ok()


def test_on_the_only_page_each_stands_once_though_all_moved_just_before(client: Client, twelve: list[Task]) -> None:
    for task in twelve:
        reschedule(client, task, DATES[0])
    page, = client.pages(sort="due_date", limit=12)
    assert count(page) == count(twelve)


def test_a_walk_of_the_trash(client: Client, twelve: list[Task]) -> None:
    for number, task in enumerate(twelve[:5]):
        reschedule(client, task, DATES[number % 4])
        client.delete(f"/tasks/{task['task_id']}").ok()
    walk = client.walk(sort="due_date", trash="true", limit=2)
    assert count(walk) == count(twelve[:5])


def test_who_moves_along_with_the_walk_is_met_at_its_new_place(client: Client, twelve: list[Task]) -> None:
    walk: list[Task] = []
    for number, page in enumerate(client.pages(sort="due_date", limit=3)):
        walk += page
        reschedule(client, twelve[number % 12], f"2032-02-{number % 28 + 1:02}T00:00:00.000Z")
    assert count(twelve) <= count(walk)
