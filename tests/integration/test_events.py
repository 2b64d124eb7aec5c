"""A user's events: every change of a task is one of its actor, newest first (api.md, Routes; tutorials.md, 3).

Red when: a change writes no event; a bound is included; a month is left out, or the walk goes through empty ones; an
event that was lost is not found again.
"""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from taskapp.features.activity import policies
from taskapp.features.activity.events import month
from taskapp.features.tasks.aggregate import TASKS
from taskapp.features.users import acquaintance
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER, Caller
from taskapp.kit.problem import Problem
from tests.fixtures.client import Client, Task
from tests.fixtures.command import Command, well
from tests.fixtures.half_done import change_the_truth_alone
from tests.fixtures.service import NewService, Service

Event = dict[str, Any]
EVENTS = "/users/me/events"


@pytest.fixture(scope="module")
def service(new_service: NewService, own_keyspace: str) -> Service:  # type: ignore[misc]
    # Without its sweeper: what a test breaks stays broken until it is mended.
    return new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_SWEEP_INTERVAL=0, TASKAPP_WORKERS=2)


def of(client: Client, task: Task) -> list[Event]:
    return [event for event in client.walk(EVENTS) if event["task_id"] == task["task_id"]]


def changed(client: Client) -> Task:
    """Do everything to a task that can be done."""
    made = client.make("One", due_date="2027-01-01T00:00:00Z")
    path = f"/tasks/{made['task_id']}"
    client.patch(path, json={"title": "Two"}).ok()
    client.put(path, json={"title": "Three"}).ok()
    client.post(f"{path}/undo").ok()
    client.delete(path).ok()
    client.post(f"{path}/restore").ok()
    return made


KINDS = ["restored", "deleted", "undone", "updated", "updated", "created"]


# -- Writing

def test_every_change_is_an_event_as_the_history_has_it(client: Client) -> None:
    made = changed(client)
    history = client.walk(f"/tasks/{made['task_id']}/history")
    events = of(client, made)
    assert [event["kind"] for event in events] == KINDS
    for event, change in zip(events, history, strict=True):
        assert event == {"event_id": event["event_id"], **{name: change[name] for name in (
            "at", "kind", "task_id", "version")}}
        assert clock.rfc3339(clock.timeuuid_time(uuid.UUID(event["event_id"]))) == event["at"]


def test_removal_for_good_is_an_event_and_keeps_the_others(client: Client) -> None:
    made = changed(client)
    client.delete(f"/tasks/{made['task_id']}", permanent="true").ok()
    assert [event["kind"] for event in of(client, made)] == ["removed", *KINDS]


def test_ways_to_make_a_task_and_writes_that_change_nothing(client: Client) -> None:
    large = client.make("Large", description="d" * 16_000)
    task_id = str(uuid.uuid4())
    client.put(f"/tasks/{task_id}", json={"title": "With its own id"}, headers={"If-None-Match": "*"}).ok(201)
    client.put(f"/tasks/{task_id}", json={"title": "Taken"}, headers={"If-None-Match": "*"}).problem(412)
    client.patch(f"/tasks/{task_id}", json={"title": "With its own id"}).ok()
    client.patch(f"/tasks/{task_id}", json={"title": "No"}, headers={"If-Match": '"7"'}).problem(412)
    for task in (large, {"task_id": task_id}):
        assert [event["kind"] for event in of(client, task)] == ["created"]


def test_a_repeat_is_one_event(client: Client) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    made = [client.post("/tasks/", json={"title": "Once"}, headers=headers).ok(201) for _ in range(3)]
    assert len(of(client, made[0])) == 1


# -- Reading

def test_pages_lead_through_all_of_it_newest_first(client: Client) -> None:
    for number in range(7):
        client.make(f"Task {number}")
    whole = client.walk(EVENTS)
    assert whole == sorted(whole, key=lambda event: event["at"], reverse=True)
    pages = list(client.pages(EVENTS, limit=3))
    assert [event for page in pages for event in page] == whole
    assert all(len(page) == 3 for page in pages[:-1])
    assert client.walk(f"/users/{BUILT_IN_USER}/events") == whole


def test_after_and_before_exclude_their_bound(client: Client) -> None:
    made = client.make()
    for number in range(5):
        client.patch(f"/tasks/{made['task_id']}", json={"title": f"Title {number}"}).ok()
    times = [event["at"] for event in of(client, made)]
    found = [event["at"] for event in client.walk(EVENTS, after=times[4], before=times[1])]
    assert found == times[2:4]
    for limit in (1, 2):
        walk = client.walk(EVENTS, after=times[4], before=times[0], limit=limit)
        assert [event["at"] for event in walk] == times[1:4]
    assert client.walk(EVENTS, after=times[0]) == []
    assert client.walk(EVENTS, before="1969-12-31T00:00:00Z") == client.walk(EVENTS, after="9999-12-31T00:00:00Z") == []
    assert client.walk(EVENTS, after="0001-01-01T00:00:00Z", before="9999-12-31T23:59:59Z") == client.walk(EVENTS)


def test_a_walk_goes_back_through_years(client: Client, tables: Any) -> None:
    now = clock.now()
    old = [now - timedelta(days=days) for days in (40, 41, 400, 401, 5000)]
    for at in old:
        values = (BUILT_IN_USER, month(at))
        tables("INSERT INTO $ks.event_months (user_id, month) VALUES (%s, %s)", *values)
        tables("INSERT INTO $ks.events_by_user (user_id, month, event_id, kind, task_id, version) "
               "VALUES (%s, %s, %s, 'created', %s, 1)", *values, clock.timeuuid(at), uuid.uuid4())
    wanted = [clock.rfc3339(at) for at in old]
    try:
        for limit in (1, 2, 200):
            walk = client.walk(EVENTS, limit=limit, before=clock.rfc3339(now - timedelta(days=30)))
            assert [event["at"] for event in walk] == wanted
        assert [event["at"] for event in client.walk(EVENTS)][-5:] == wanted
        between = {"after": wanted[3], "before": wanted[0]}
        assert [event["at"] for event in client.walk(EVENTS, **between)] == wanted[1:3]
    finally:
        for at in old:
            tables("DELETE FROM $ks.events_by_user WHERE user_id = %s AND month = %s", BUILT_IN_USER, month(at))


def test_what_cannot_be_asked(client: Client) -> None:
    client.make()
    client.make()
    for name, value in (("after", "yesterday"), ("before", "2026-13-01T00:00:00Z"), ("limit", "0"), ("since", "x")):
        client.get(EVENTS, **{name: value}).problem(422, "invalid", name)
    client.get("/users/nobody/events").problem(422, "invalid", "user_id")
    client.get(EVENTS, headers={"Consistency-Level": "MOST"}).problem(400, "bad_header")
    cursor = client.get(EVENTS, limit=1).headers["Next-Cursor"]
    client.get(EVENTS, limit=1, cursor=cursor, after="2020-01-01T00:00:00Z").problem(422, "bad_cursor", "cursor")
    client.get(EVENTS, limit=1, cursor=cursor[:-1]).problem(422, "bad_cursor", "cursor")


@pytest.mark.parametrize("level", ["ONE", "LOCAL_QUORUM", "ALL"])
def test_the_consistency_can_be_chosen(client: Client, level: str) -> None:
    made = client.make()
    events = client.get(EVENTS, headers={"Consistency-Level": level}).ok()
    assert events[0]["task_id"] == made["task_id"]


def test_only_administrators_see_the_events_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger, user = uuid.uuid4(), Caller(uuid.uuid4(), frozenset({"tasks:read"}))
    policies.check_sees(user, user.user_id)
    policies.check_sees(Caller(user.user_id, frozenset({"tasks:read", "users:admin"})), stranger)
    for share_a_project, code in ((False, "not_found"), (True, "forbidden")):
        monkeypatch.setitem(acquaintance, "projects", lambda *_, share=share_a_project: share)
        with pytest.raises(Problem) as caught:
            policies.check_sees(user, stranger)
        assert caught.value.code == code


# -- What was lost is found again

def test_the_sweeper_finds_what_a_dead_worker_left(client: Client, tables: Any) -> None:
    made = client.make()
    change_the_truth_alone(made["task_id"], title="Two")
    change_the_truth_alone(made["task_id"], title="Three")
    assert [event["version"] for event in of(client, made)] == [1]
    for _ in range(2):
        TASKS.derive_again(uuid.UUID(made["task_id"]))
        assert [event["version"] for event in of(client, made)] == [3, 2, 1]


def test_removal_writes_what_could_not_be_found_again(client: Client, tables: Any) -> None:
    made = client.make()
    change_the_truth_alone(made["task_id"], title="Two")
    client.delete(f"/tasks/{made['task_id']}", permanent="true").ok()
    assert [(event["kind"], event["version"]) for event in of(client, made)] == [
        ("removed", 3), ("updated", 2), ("created", 1)]


def test_repair_counts_and_mends_lost_events(command: Command, client: Client, tables: Any, own_keyspace: str) -> None:
    well(command(own_keyspace, "repair", "--json"))
    made = client.make()
    for number in range(3):
        change_the_truth_alone(made["task_id"], title=f"Lost {number}")
    derived = {"title": "Found"}
    client.patch(f"/tasks/{made['task_id']}", json=derived).ok()
    checked = command(own_keyspace, "repair", "--check", "--json")
    counts = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert (counts["missing"], counts["stray"], counts["unmended"]) == (3, 0, 0)
    assert well(command(own_keyspace, "repair", "--json"))["unmended"] == 0
    assert [event["version"] for event in of(client, made)] == [5, 4, 3, 2, 1]
    again = well(command(own_keyspace, "repair", "--check", "--json"))
    assert (again["missing"], again["different"], again["stray"]) == (0, 0, 0)


def test_repair_takes_the_end_of_a_task_away_that_does_not_end(command: Command, client: Client, tables: Any,
                                                              own_keyspace: str) -> None:
    made, kept = client.make(), client.make(expires_in=86_400)
    at = clock.now() + timedelta(days=3)
    tables("INSERT INTO $ks.events_by_user (user_id, month, event_id, kind, task_id, version) "
           "VALUES (%s, %s, %s, 'expired', %s, 1) USING TIMESTAMP 5", BUILT_IN_USER, month(at), clock.timeuuid(at),
           uuid.UUID(made["task_id"]))

    def ends() -> set[str]:
        return {str(row["task_id"]) for row in tables("SELECT kind, task_id FROM $ks.events_by_user")
                if row["kind"] == "expired"}

    assert ends() >= {made["task_id"], kept["task_id"]}
    assert json.loads(command(own_keyspace, "repair", "--check", "--json").stdout)["stray"] == 1
    well(command(own_keyspace, "repair", "--json"))
    assert kept["task_id"] in ends()
    assert made["task_id"] not in ends()
