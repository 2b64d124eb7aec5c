"""Lists: order, filters, pages and cursors (api.md, Representations and Exactly)."""

import random
import re
import threading
import uuid
from typing import Any

import pytest

from tests.fixtures.client import Client, Task
from tests.fixtures.orders import SORTS, check_walk, ordered
from tests.fixtures.service import NewService, Service

STATUSES = ("pending", "in_progress", "completed", "cancelled")


@pytest.fixture(scope="module")
def service(new_service: NewService, own_keyspace: str) -> Service:  # type: ignore[misc]
    """Serve these tasks alone: walks in pages of one are long."""
    return new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_WORKERS=2)


@pytest.fixture(scope="module")
def sixty(service: Service) -> list[Task]:
    """Sixty tasks of all statuses: some share a due date, some have none, some are in the trash's past."""
    client = Client(service.url)
    dates = [None, None, "2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "2026-06-01T12:00:00.001Z",
             "1999-12-31T23:59:59.999Z"]
    made = [client.make(f"Task {number}", status=STATUSES[number % 4], due_date=dates[number % 6])
            for number in range(60)]
    client.close()
    return made


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 7, 50, 200])
def test_a_walk_in_any_order_has_each_task_once(client: Client, sixty: list[Task], sort: str, limit: int) -> None:
    pages = list(client.pages(sort=sort, limit=limit))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1] or len(pages) == 1
    check_walk([task for page in pages for task in page], sixty, sort)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("statuses", [["pending"], ["completed", "cancelled"], list(STATUSES),
                                      ["pending", "pending"]])
def test_a_filtered_walk_in_any_order(client: Client, sixty: list[Task], sort: str, statuses: list[str]) -> None:
    pages = list(client.pages(sort=sort, limit=6, status=statuses))
    assert all(len(page) == 6 for page in pages[:-1])
    walk = [task for page in pages for task in page]
    assert {task["status"] for task in walk} == set(statuses)
    check_walk(walk, [task for task in sixty if task["status"] in statuses], sort)


def test_newest_first_is_the_default(client: Client, sixty: list[Task]) -> None:
    check_walk(client.walk(), sixty, "-created_at")
    assert len(client.get("/tasks/").ok()) == 50


def test_the_next_page_is_in_the_link(client: Client, sixty: list[Task]) -> None:
    answer = client.get("/tasks/", sort="due_date", limit=5, status=["pending", "completed"])
    found = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["Link"])
    assert found
    assert answer.headers["Next-Cursor"] in found[1]
    by_link = client.get(found[1])
    by_hand = client.get("/tasks/", sort="due_date", limit=5, status=["pending", "completed"],
                         cursor=answer.headers["Next-Cursor"])
    assert by_link.ok() == by_hand.ok()
    assert by_link.headers["Next-Cursor"] == by_hand.headers["Next-Cursor"]


def test_a_last_page_that_is_full_has_no_next(client: Client) -> None:
    made = [client.make() for _ in range(4)]
    for task in made:
        client.delete(f"/tasks/{task['task_id']}").ok()
    count = len(client.walk(trash="true"))
    answer = client.get("/tasks/", trash="true", limit=count)
    assert len(answer.ok()) == count
    assert "Link" not in answer.headers
    assert "Next-Cursor" not in answer.headers


def test_a_cursor_lets_the_limit_change(client: Client, sixty: list[Task]) -> None:
    walk, cursor, sizes = [], None, [3, 17, 1, 200, 200, 200, 200, 200]
    for size in sizes:
        answer = client.get("/tasks/", limit=size, **({"cursor": cursor} if cursor else {}))
        walk += answer.ok()
        cursor = answer.headers.get("Next-Cursor")
        if cursor is None:
            break
    check_walk(walk, sixty, "-created_at")


def test_a_cursor_is_bound_to_its_query(client: Client, sixty: list[Task]) -> None:
    asked: dict[str, Any] = {"sort": "due_date", "status": "pending", "limit": 2}
    cursor = client.get("/tasks/", **asked).headers["Next-Cursor"]
    assert client.get("/tasks/", **asked, cursor=cursor).status == 200
    others: list[dict[str, Any]] = [
        {**asked, "sort": "-due_date"}, {**asked, "status": "completed"}, {**asked, "trash": "true"},
        {**asked, "status": ["pending", "completed"]}, {"sort": "due_date"}, {"status": "pending"}]
    for other in others:
        client.get("/tasks/", **other, cursor=cursor).problem(422, "bad_cursor", "cursor")


def test_any_altered_character_of_a_cursor_is_refused(client: Client, sixty: list[Task]) -> None:
    cursor = client.get("/tasks/", limit=1).headers["Next-Cursor"]
    for place in range(len(cursor)):
        letter = "A" if cursor[place] != "A" else "B"
        client.get("/tasks/", cursor=cursor[:place] + letter + cursor[place + 1:]
                   ).problem(422, "bad_cursor", "cursor")
    for sent in (cursor[:-1], cursor + "A", cursor + "=", "x", "\u00e9", "%00x", cursor * 20):
        client.get("/tasks/", cursor=sent).problem(422, None, "cursor")


def test_a_cursor_of_one_instance_works_at_another(client: Client, new_service: NewService, own_keyspace: str,
                                                   sixty: list[Task]) -> None:
    cursor = client.get("/tasks/", limit=5).headers["Next-Cursor"]
    other = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace).url)
    assert other.get("/tasks/", limit=5, cursor=cursor).ok() == client.get("/tasks/", limit=5, cursor=cursor).ok()
    other.close()


# -- ids

def test_ids_in_the_order_given(client: Client, sixty: list[Task]) -> None:
    chosen = random.Random(7).sample(sixty, 20)
    ids = [task["task_id"] for task in chosen]
    assert client.get("/tasks/", ids=",".join(ids)).ok() == chosen
    missing, trashed = str(uuid.uuid4()), client.make()
    client.delete(f"/tasks/{trashed['task_id']}").ok()
    sent = [ids[0], missing, ids[1], ids[0], trashed["task_id"], ids[2].upper()]
    assert client.get("/tasks/", ids=",".join(sent)).ok() == chosen[:3]
    assert client.get("/tasks/", ids=missing).ok() == []
    assert [task["task_id"] for task in client.get("/tasks/", ids=",".join(sent), trash="true").ok()] == \
        [trashed["task_id"]]


def test_ids_and_status_are_and(client: Client, sixty: list[Task]) -> None:
    ids = ",".join(task["task_id"] for task in sixty)
    assert client.get("/tasks/", ids=ids, status="completed").ok() == \
        [task for task in sixty if task["status"] == "completed"]


@pytest.mark.parametrize("ids", ["", "x", ",", f"{uuid.UUID(int=1)},", ",".join(
    str(uuid.UUID(int=number)) for number in range(101))], ids=range(5))
def test_bad_ids(client: Client, ids: str) -> None:
    client.get("/tasks/", ids=ids).problem(422, "invalid", "ids")


def test_a_hundred_ids(client: Client) -> None:
    assert client.get("/tasks/", ids=",".join(str(uuid.uuid4()) for _ in range(100))).ok() == []


# -- What is refused

@pytest.mark.parametrize(("asked", "names"), [
    ({"limit": 0}, ["limit"]), ({"limit": 201}, ["limit"]), ({"limit": "x"}, ["limit"]), ({"limit": "1.0"}, ["limit"]),
    ({"limit": ""}, ["limit"]), ({"limit": [1, 2]}, ["limit"]), ({"sort": "title"}, ["sort"]),
    ({"sort": "--due_date"}, ["sort"]), ({"sort": ["due_date", "created_at"]}, ["sort"]), ({"status": "done"},
                                                                                           ["status"]),
    ({"status": ["pending", "x"]}, ["status"]), ({"status": "pending,completed"}, ["status"]),
    ({"trash": "1"}, ["trash"]), ({"project": "x"}, ["project"]), ({"nope": 1}, ["nope"]),
    ({"Limit": 5}, ["Limit"]), ({"a": 1, "b": 2, "limit": 0}, ["a", "b", "limit"]), ({"cursor": ""}, ["cursor"]),
    ({"offset": 5, "page": 2}, ["offset", "page"])])
def test_bad_parameters_are_named(client: Client, asked: dict[str, Any], names: list[str]) -> None:
    client.get("/tasks/", **asked).problem(422, "invalid", *names)


def test_a_sort_that_cannot_be_served_lists_those_that_can(client: Client) -> None:
    detail = client.get("/tasks/", sort="title").problem(422, "invalid", "sort")["errors"][0]["detail"]
    assert all(sort in detail for sort in SORTS)


@pytest.mark.parametrize("path", ["/tasks/{}", "/tasks/{}/history", "/", "/health/live", "/health/ready", "/metrics",
                                  "/openapi.json"])
def test_unknown_parameters_are_named_on_every_route(client: Client, path: str) -> None:
    path = path.format(client.make()["task_id"])
    client.get(path, nope=1).problem(422, "invalid", "nope")


def test_unknown_parameters_of_writes_are_named(client: Client) -> None:
    made = client.make()
    path = f"/tasks/{made['task_id']}"
    for answer in (client.post("/tasks/?nope=1", json={"title": "x"}), client.patch(f"{path}?nope=1", json={}),
                   client.put(f"{path}?nope=1", json={"title": "x"}), client.delete(f"{path}?nope=1"),
                   client.post(f"{path}/undo?nope=1")):
        answer.problem(422, "invalid", "nope")
    assert client.read(made) == made


def test_the_project_is_the_inbox(client: Client, sixty: list[Task]) -> None:
    check_walk(client.walk(project=sixty[0]["project_id"]), sixty, "-created_at")


# -- Walks while others write

# Before, inside and after the place of a walk, in either order.
NOISE_DATES = (None, "1980-01-01T00:00:00Z", "2026-12-01T00:00:00Z", "2090-01-01T00:00:00Z")

@pytest.mark.parametrize("sort", SORTS)
def test_a_walk_while_others_write_meets_each_task_that_stays_once(client: Client, sixty: list[Task], sort: str
                                                                  ) -> None:
    ended = threading.Event()
    staying = {task["task_id"] for task in sixty}

    def disturb() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            made = client.make(f"Noise {number}", due_date=random.choice(NOISE_DATES))
            if number % 2:
                client.delete(f"/tasks/{made['task_id']}").ok()

    writer = threading.Thread(target=disturb)
    writer.start()
    try:
        walks = [client.walk(sort=sort, limit=4) for _ in range(3)]
    finally:
        ended.set()
        writer.join()
    for walk in walks:
        check_walk(walk, sixty, sort)
        met = [task["task_id"] for task in walk]
        # Those that came meanwhile may be in it or not, but never twice: their keys never move.
        assert len(met) == len(set(met))
        assert staying <= set(met)


# -- The check itself

def test_control_a_lost_doubled_or_misplaced_task_is_seen(sixty: list[Task]) -> None:
    walk = ordered(sixty, "due_date")
    check_walk(walk, sixty, "due_date")
    for broken in (walk[1:], [walk[0], *walk], walk[::-1], [walk[1], walk[0], *walk[2:]],
                   [{**walk[0], "title": "other"}, *walk[1:]]):
        with pytest.raises(AssertionError):
            check_walk(broken, sixty, "due_date")
