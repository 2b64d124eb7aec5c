"""A conditional write that nobody answered may come late, as from the socket of a node that hung: the proxy holds it.

Whoever was told that nothing was stored can rely on it, and what comes late is in the lists seconds later. Red when
"not seen" is taken for "not stored", when a note is dropped although its change may come, when the sweeper reads below
the serial level, or when a parent is stored without the guards of those above it.
"""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fixtures.client import Answer, Client, Task
from tests.fixtures.protocol_proxy import Proxy
from tests.fixtures.service import NewService, until

CONDITION, CREATION = "IF current_version", "IF NOT EXISTS USING TTL"
TRUTH = ".tasks WHERE task_id = :task_id LIMIT 1"
LOCAL_SERIAL = 9
# Seconds: a sweeper looks every half second here, at notes that are as old.
AGREE_SECONDS = 15


@pytest.fixture(scope="module")
def caller(proxy: Proxy, new_service: NewService, own_keyspace: str) -> Iterator[Client]:
    # Another service's sweeper would look at the notes past the proxy.
    service = new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_CASSANDRA_PORT=proxy.port,
                          TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_BREAKER_SHARE=2,
                          TASKAPP_SWEEP_INTERVAL=0.5, TASKAPP_SWEEP_AGE=0.5)
    client = Client(service.url)
    yield client
    client.close()


def listed(caller: Client, task_id: str) -> list[list[Task]]:
    """Show what each list has of a task."""
    return [[task for task in caller.walk(sort=sort, **more) if task["task_id"] == task_id]
            for sort in ("-created_at", "due_date") for more in ({}, {"trash": "true"})]


def sent_late(proxy: Proxy, text: str, send: Callable[[], Answer]) -> Callable[[], int]:
    """Send a write that the node does not get; return what lets it through, once a sweeper has looked in vain."""
    with proxy.rule(text, None, late=True) as rule:
        send().problem(503, "outcome_unknown")
    proxy.executed.clear()
    until(lambda: any(TRUTH in cql and level == LOCAL_SERIAL for cql, level in list(proxy.executed)), AGREE_SECONDS,
          "no sweeper looked at the serial level")
    return rule.release


def test_a_body_that_is_refused_asks_the_database_nothing(proxy: Proxy, caller: Client, session: Any,
                                                           own_keyspace: str) -> None:
    path = f"/tasks/{caller.make()['task_id']}"
    until(lambda: not session.execute(f"SELECT task_id FROM {own_keyspace}.intents").all(), AGREE_SECONDS,
          "a note is left")
    proxy.executed.clear()
    caller.patch(path, json={"title": "", "priority": 9}).problem(422, "invalid", "/title", "/priority")
    caller.put(path, json={"title": 1}).problem(422, "invalid", "/title")
    assert [text for text, _ in proxy.executed if ".tasks " in text or "INSERT INTO" in text] == []


def test_a_change_that_comes_late_is_in_the_lists(proxy: Proxy, caller: Client) -> None:
    task = caller.make("before", due_date="2027-01-01T00:00:00Z")
    path = f"/tasks/{task['task_id']}"
    release = sent_late(proxy, CONDITION, lambda: caller.patch(path, json={
        "title": "late", "due_date": "2028-01-01T00:00:00Z"}))
    assert caller.read(task) == task
    assert release() > 1
    now = until(lambda: (found := caller.read(task))["title"] == "late" and found, AGREE_SECONDS, "it was not applied")
    assert (now["version"], len(caller.get(f"{path}/history").ok())) == (2, 2)
    until(lambda: listed(caller, task["task_id"]) == [[now], [], [now], []], AGREE_SECONDS, "the lists disagree")


def test_a_creation_under_an_own_id_that_comes_late_is_in_the_lists(proxy: Proxy, caller: Client) -> None:
    task_id = str(uuid.uuid4())
    release = sent_late(proxy, CREATION, lambda: caller.put(
        f"/tasks/{task_id}", json={"title": "late"}, headers={"If-None-Match": "*"}))
    caller.get(f"/tasks/{task_id}").problem(404)
    release()
    task = until(lambda: (found := caller.get(f"/tasks/{task_id}")).status == 200 and found.json, AGREE_SECONDS, "lost")
    until(lambda: listed(caller, task_id) == [[task], [], [task], []], AGREE_SECONDS, "the lists disagree")


def test_a_removal_that_comes_late_is_out_of_the_lists(proxy: Proxy, caller: Client) -> None:
    task = caller.make("to be removed")
    path = f"/tasks/{task['task_id']}"
    release = sent_late(proxy, CONDITION, lambda: caller.delete(path, permanent="true"))
    assert caller.read(task) == task
    release()
    until(lambda: caller.get(path).status == 404, AGREE_SECONDS, "it was not removed")
    until(lambda: listed(caller, task["task_id"]) == [[], [], [], []], AGREE_SECONDS, "the lists disagree")


def test_what_was_sent_again_fences_the_first_off(proxy: Proxy, caller: Client) -> None:
    task = caller.make("before")
    path = f"/tasks/{task['task_id']}"
    with proxy.rule(CONDITION, None, late=True, times=1) as rule:
        done = caller.patch(path, json={"title": "after"}).ok()
        undone = caller.post(f"{path}/undo").ok()
    assert (done["version"], undone["title"]) == (2, "before")
    assert rule.release() == 1
    assert caller.read(task) == undone
    assert [change["version"] for change in caller.get(f"{path}/history").ok()] == [3, 2, 1]


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}], ids=["merged", "If-Match"])
def test_another_change_that_comes_first_is_not_overwritten(proxy: Proxy, caller: Client,
                                                            headers: dict[str, str]) -> None:
    task = caller.make("before")
    path = f"/tasks/{task['task_id']}"
    release = sent_late(proxy, CONDITION, lambda: caller.patch(path, json={"title": "late"}, headers=headers))
    first = caller.patch(path, json={"title": "first"}).ok()
    release()
    until(lambda: listed(caller, task["task_id"]) == [[first], [], [first], []], AGREE_SECONDS, "the lists disagree")
    assert caller.read(task) == first


def test_a_late_parent_makes_no_circle(proxy: Proxy, caller: Client) -> None:
    one, other = caller.make("one"), caller.make("other")
    release = sent_late(proxy, "guard = :guard; INSERT", lambda: become_part(caller, one, other))
    assert become_part(caller, other, one).ok()["parent_id"] == one["task_id"]
    release()
    become_part(caller, one, other).problem(422, "invalid", "/parent_id")
    assert caller.read(one) == one


def become_part(caller: Client, task: Task, parent: Task) -> Answer:
    return caller.patch(f"/tasks/{task['task_id']}", json={"parent_id": parent["task_id"]})
