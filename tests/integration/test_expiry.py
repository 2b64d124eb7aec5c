"""Tasks that expire by themselves (api.md, Exactly; tutorials.md, 3: INSERT with TTL, update TTL, remaining TTL).

Red when: an expiry is lost, or moved by a change that says nothing of it; anything shows a task that is over; a page is
short because of one. What the node keeps, and for how long, is in `test_expiry_on_the_node.py`.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from taskapp.features.tasks.schemas import MAX_EXPIRES_IN
from tests.fixtures.client import Answer, Client, Task
from tests.fixtures.orders import SORTS, check_walk
from tests.fixtures.service import until

EVENTS = "/users/me/events"
Write = Callable[[Client, Task, dict[str, Any]], Answer]


def path(task: Task) -> str:
    return f"/tasks/{task['task_id']}"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def put(client: Client, task: Task, body: dict[str, Any]) -> Answer:
    return client.put(path(task), json={"title": task["title"], **body})


def patch(client: Client, task: Task, body: dict[str, Any]) -> Answer:
    return client.patch(path(task), json=body)


def over(client: Client, *tasks: Task) -> None:
    """Wait until tasks have expired."""
    for task in tasks:
        until(lambda task=task: client.get(path(task)).status == 404, 15, "the task does not expire")


def seconds(task: Task) -> float:
    return (at(task["expires_at"]) - at(task["updated_at"])).total_seconds()


# -- Saying when

@pytest.mark.parametrize("expires_in", [1, 60, MAX_EXPIRES_IN])
def test_a_task_is_made_with_an_expiry(client: Client, expires_in: int) -> None:
    made = client.make(expires_in=expires_in)
    assert at(made["expires_at"]) - at(made["created_at"]) == timedelta(seconds=expires_in)
    assert "expires_in" not in made
    if expires_in > 1:
        assert client.read(made) == made
        assert made in client.walk()


def test_null_and_nothing_are_no_expiry(client: Client) -> None:
    assert client.make()["expires_at"] is client.make(expires_in=None)["expires_at"] is None


def test_a_client_s_own_id_may_expire_too(client: Client) -> None:
    answer = client.put(f"/tasks/{uuid.uuid4()}", json={"title": "Own", "expires_in": 60},
                        headers={"If-None-Match": "*"})
    assert seconds(answer.ok(201)) == 60


@pytest.mark.parametrize("write", [put, patch])
def test_an_expiry_is_set_kept_moved_and_ended(client: Client, write: Write) -> None:
    made = client.make()
    first = write(client, made, {"expires_in": 1000}).ok()
    assert (seconds(first), first["version"]) == (1000, 2)
    kept = write(client, made, {"description": "Something else"}).ok()
    assert kept["expires_at"] == first["expires_at"]
    moved = write(client, made, {"expires_in": 1000}).ok()
    assert seconds(moved) == 1000
    assert moved["expires_at"] > first["expires_at"]
    sent_back = write(client, made, {"expires_at": moved["expires_at"]}).ok()
    assert sent_back["expires_at"] == moved["expires_at"]
    ended = write(client, made, {"expires_in": None}).ok()
    assert ended["expires_at"] is None
    assert client.read(made) == ended
    assert write(client, made, {"expires_in": None}).ok() == ended
    diffs = [change["diff"].get("expires_at") for change in client.get(f"{path(made)}/history").ok()]
    wanted = [[moved["expires_at"], None], [first["expires_at"], moved["expires_at"]], [None, first["expires_at"]]]
    assert [diff for diff in diffs if diff] == wanted


@pytest.mark.parametrize("wrong", [0, -1, MAX_EXPIRES_IN + 1, 2**63, 1.0, 1.5, "60", True, [60], {}])
def test_what_is_no_expiry_is_refused(client: Client, wrong: Any) -> None:
    made = client.make()
    client.post("/tasks/", json={"title": "x", "expires_in": wrong}).problem(422, "invalid", "/expires_in")
    for write in (put, patch):
        write(client, made, {"expires_in": wrong}).problem(422, "invalid", "/expires_in")
    assert client.read(made) == made


def test_expires_at_is_the_service_s_own(client: Client) -> None:
    wanted = {"expires_at": "2030-01-01T00:00:00.000Z"}
    client.post("/tasks/", json={"title": "x", **wanted}).problem(422, "read_only", "/expires_at")
    for write in (put, patch):
        write(client, client.make(), wanted).problem(422, "read_only", "/expires_at")


def test_a_repeat_with_a_key_has_the_first_one_s_expiry(client: Client) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    bodies = [client.post("/tasks/", json={"title": "Once", "expires_in": 600}, headers=headers).ok(201)
              for _ in range(2)]
    assert bodies[0] == bodies[1]


def test_conditions_hold(client: Client) -> None:
    made = client.make(expires_in=600)
    for version, status in ((2, 412), (1, 200), (1, 412)):
        answer = client.patch(path(made), json={"expires_in": None}, headers={"If-Match": f'"{version}"'})
        assert answer.status == status


# -- Over

def test_what_is_over_is_nowhere(client: Client) -> None:
    stays = client.make("Stays", due_date="2027-01-01T00:00:00Z")
    ends = [client.make("Ends", expires_in=2, due_date=due) for due in (None, "2027-01-01T00:00:00Z")]
    trashed = client.make("Ends in the trash", expires_in=2)
    client.delete(path(trashed)).ok()
    over(client, *ends)
    until(lambda: client.get("/tasks/", ids=trashed["task_id"], trash="true").ok() == [], 15, "it does not expire")
    gone = {task["task_id"] for task in (*ends, trashed)}
    for asked in ({}, {"trash": "true"}, {"status": "pending"}, {"status": ["pending", "completed"]}):
        for sort in SORTS:
            assert not gone & {task["task_id"] for task in client.walk(sort=sort, **asked)}
    chosen = client.get("/tasks/", ids=",".join([*gone, stays["task_id"]])).ok()
    assert [task["task_id"] for task in chosen] == [stays["task_id"]]
    for task in (*ends, trashed):
        to = path(task)
        for answer in (client.get(to), client.put(to, json={"title": "x"}), client.patch(to, json={"title": "x"}),
                       client.patch(to, json={"expires_in": 60}), client.delete(to), client.get(f"{to}/history"),
                       client.delete(to, permanent="true"), client.post(f"{to}/undo"), client.post(f"{to}/restore"),
                       client.patch(to, json={"title": "x"}, headers={"If-Match": '"1"'})):
            assert answer.problem(404, "not_found")["detail"] == "Task not found"
        client.put(to, json={"title": "x"}, headers={"If-None-Match": "*"}).problem(409, "removed")
        client.post("/tasks/", json={"title": "x", "parent_id": task["task_id"]}).problem(422, "invalid", "/parent_id")


def test_the_end_is_an_event_the_moment_it_comes(client: Client) -> None:
    # Within the time by which clocks may differ, so that the event is read, and held back.
    made, later = client.make(expires_in=3), client.make(expires_in=3600)

    def kinds(task: Task) -> list[str]:
        return [event["kind"] for event in client.walk(EVENTS, after=task["created_at"], before="2100-01-01T00:00:00Z")
                if event["task_id"] == task["task_id"]]

    client.patch(path(made), json={"title": "Changed"}).ok()
    while "expired" not in (seen := kinds(made)) or client.get(path(made)).status == 200:
        assert "expired" not in seen
    (event, *_) = [each for each in client.walk(EVENTS) if each["task_id"] == made["task_id"]]
    assert event == {"event_id": event["event_id"], "at": made["expires_at"], "kind": "expired",
                     "task_id": made["task_id"], "version": 2}
    # The bound is the time before the creation's own.
    assert kinds(made) == ["expired", "updated"]
    assert kinds(later) == []


def test_pages_are_full_though_some_of_them_are_over(client: Client) -> None:
    label = uuid.uuid4().hex
    stays: list[Task] = []
    for number in range(24):
        due = f"2031-01-{number % 5 + 1:02}T00:00:00.000Z" if number % 2 else None
        stays += [client.make(f"Stays {number}", due_date=due, labels=[label], status="cancelled")]
        for _ in range(2):
            last = client.make("Ends", due_date=due, expires_in=1, status="cancelled")
    over(client, last)
    for sort in SORTS:
        for asked in ({}, {"status": "cancelled"}, {"status": ["cancelled", "completed"]}):
            pages = list(client.pages(sort=sort, limit=5, **asked))
            assert all(len(page) == 5 for page in pages[:-1])
            check_walk([task for page in pages for task in page], stays, sort)
            assert not [task for page in pages for task in page if task["title"] == "Ends"]


# -- Undo, trash

def test_undo_takes_an_expiry_back(client: Client) -> None:
    made = client.make()
    client.patch(path(made), json={"expires_in": 60}).ok()
    assert client.post(f"{path(made)}/undo").ok()["expires_at"] is None
    again = client.post(f"{path(made)}/undo").ok()
    assert again["expires_at"] is not None


def test_undo_does_not_bring_back_an_expiry_that_has_passed(client: Client) -> None:
    made, other = client.make(expires_in=2), client.make(expires_in=2)
    client.patch(path(made), json={"expires_in": None}).ok()
    over(client, other)
    problem = client.post(f"{path(made)}/undo").problem(409, "nothing_to_undo")
    assert "expire at once" in problem["detail"]
    assert client.read(made)["expires_at"] is None


def test_the_trash_keeps_the_expiry(client: Client) -> None:
    made = client.make(expires_in=600)
    client.delete(path(made)).ok()
    (trashed,) = [task for task in client.walk(trash="true") if task["task_id"] == made["task_id"]]
    assert trashed["expires_at"] == made["expires_at"]
    assert client.post(f"{path(made)}/restore").ok()["expires_at"] == made["expires_at"]
