"""Every error that a node can answer, told to the driver on the wire, and what the client of the service gets.

A proxy between service and node answers chosen statements with the error, before or after the node carried them out, so
that each row shows also whether something was stored. Red when an error is mapped otherwise than ARCHITECTURE.md has
it, when a statement that is not idempotent is sent again, or when a change that was stored is said not to be.
"""

import struct
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.fixtures.client import Answer, Client, Task
from tests.fixtures.protocol_proxy import CUT, Proxy, counts, error, string
from tests.fixtures.service import NewService, until

UNAVAILABLE, UNKNOWN, FAULT, DONE = (503, "unavailable"), (503, "outcome_unknown"), (500, "internal_error"), None
# The statements of a read, of a change (a conditional batch) and of a creation: a logged batch, and one of its rows.
GET, CONDITION = ".tasks WHERE task_id = :task_id LIMIT 1", "IF current_version"
BATCH, LISTED = "USING TTL :ttl AND TIMESTAMP 1; INSERT", ".tasks_by_project ("
# Seconds: the driver waits up to 5 s between two tries to connect.
BACK_SECONDS = 20
LOCAL_QUORUM_1_OF_2 = counts(1, 2)
SERVER, PROTOCOL, OVERLOADED, BOOTSTRAPPING = (error(code) for code in (0x0000, 0x000A, 0x1001, 0x1002))
NOBODY_THERE = error(0x1000, counts(2, 1))
READ_TIMEOUT = error(0x1200, LOCAL_QUORUM_1_OF_2, b"\0")
FAILURES = struct.pack(">i", 0)
READ_FAILURE = error(0x1300, LOCAL_QUORUM_1_OF_2, FAILURES, b"\0")
CAS_UNKNOWN = error(0x1700, LOCAL_QUORUM_1_OF_2)
OURS = {"unauthorized": error(0x2100), "invalid": error(0x2200), "syntax": error(0x2000),
        "configuration": error(0x2300), "already exists": error(0x2400, string("keyspace"), string("table"))}


def write_timeout(kind: str) -> bytes:
    return error(0x1100, LOCAL_QUORUM_1_OF_2, string(kind))


def write_failure(kind: str) -> bytes:
    return error(0x1500, LOCAL_QUORUM_1_OF_2, FAILURES, string(kind))


# What a node says -> what a read gets, and what a creation and a change get. A creation that nobody confirms is written
# again by steps, which are the same cells. A change whose outcome is unknown is settled by a serial read: if it was not
# stored, it is worked out anew. So both are done, once.
ERRORS: dict[str, tuple[bytes | None, Any, Any]] = {
    "server error": (SERVER, UNAVAILABLE, DONE),
    "unavailable": (NOBODY_THERE, UNAVAILABLE, UNAVAILABLE),
    "bootstrapping": (BOOTSTRAPPING, UNAVAILABLE, UNAVAILABLE),
    "overloaded": (OVERLOADED, UNAVAILABLE, DONE),
    "truncate error": (error(0x1003), UNAVAILABLE, DONE),
    "read timeout": (READ_TIMEOUT, UNAVAILABLE, DONE),
    "read failure": (READ_FAILURE, UNAVAILABLE, DONE),
    "write timeout, simple": (write_timeout("SIMPLE"), UNAVAILABLE, DONE),
    "write timeout, batch": (write_timeout("BATCH"), UNAVAILABLE, DONE),
    "write timeout, batch log": (write_timeout("BATCH_LOG"), UNAVAILABLE, DONE),
    "write timeout, condition": (write_timeout("CAS"), UNAVAILABLE, DONE),
    "write failure": (write_failure("BATCH"), UNAVAILABLE, DONE),
    "condition unknown": (CAS_UNKNOWN, UNAVAILABLE, DONE),
    "change log full": (error(0x1600), UNAVAILABLE, DONE),
    "a code nobody knows": (error(0x7777), UNAVAILABLE, DONE),
    **{name: (body, FAULT, FAULT) for name, body in OURS.items()},
}


@pytest.fixture(scope="module")
def caller(proxy: Proxy, new_service: NewService) -> Iterator[Client]:
    # The circuit breaker is off: it would open at so many errors, as `test_breaker.py` shows.
    service = new_service(TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_CASSANDRA_PORT=proxy.port,
                          TASKAPP_BREAKER_SHARE=2, TASKAPP_SWEEP_INTERVAL=0)
    client = Client(service.url)
    yield client
    client.close()


def titles(client: Client) -> list[str]:
    return [task["title"] for task in client.walk()]


def expect(answer: Answer, wanted: tuple[int, str] | None, done: int) -> None:
    if wanted is None:
        answer.ok(done)
        return
    answer.problem(*wanted)
    assert answer.headers.get("Retry-After") == ("1" if wanted[0] == 503 else None)


@pytest.mark.parametrize("name", ERRORS)
def test_a_read(proxy: Proxy, caller: Client, name: str) -> None:
    reply, wanted, _ = ERRORS[name]
    task = caller.make()
    with proxy.rule(GET, reply):
        expect(get(caller, task), wanted, 200)
    assert caller.read(task) == task


@pytest.mark.parametrize("after", [False, True], ids=["not stored", "stored"])
@pytest.mark.parametrize("name", ERRORS)
def test_a_creation(proxy: Proxy, caller: Client, name: str, after: bool) -> None:
    reply, _, wanted = ERRORS[name]
    title, key = f"{name} {after} {uuid.uuid4()}", {"Idempotency-Key": uuid.uuid4().hex}
    with proxy.rule(BATCH, reply, after=after) as rule:
        expect(caller.post("/tasks/", json={"title": title}, headers=key), wanted, 201)
        assert rule.met == 1
    assert titles(caller).count(title) == (after or wanted is DONE)

    def again() -> bool:
        return caller.post("/tasks/", json={"title": title}, headers=key).status == 201

    until(again, 5, "the repeat was not taken")
    assert titles(caller).count(title) == 1


@pytest.mark.parametrize("name", [name for name in ERRORS if ERRORS[name][2] is DONE])
def test_a_creation_that_cannot_be_settled(proxy: Proxy, caller: Client, name: str) -> None:
    with proxy.rule(LISTED, ERRORS[name][0]):
        expect(create(caller), UNKNOWN, 201)


@pytest.mark.parametrize("after", [False, True], ids=["not stored", "stored"])
@pytest.mark.parametrize("name", ERRORS)
def test_a_change(proxy: Proxy, caller: Client, name: str, after: bool) -> None:
    reply, _, wanted = ERRORS[name]
    task = caller.make()
    with proxy.rule(CONDITION, reply, after=after, times=1):
        expect(caller.patch(f"/tasks/{task['task_id']}", json={"title": name}), wanted, 200)
    stored = caller.read(task)
    assert stored["version"] == (2 if after or wanted is DONE else 1)
    assert len(caller.get(f"/tasks/{task['task_id']}/history").ok()) == stored["version"]


@pytest.mark.parametrize("name", [name for name in ERRORS if ERRORS[name][2] is DONE])
def test_a_change_that_cannot_be_settled(proxy: Proxy, caller: Client, name: str) -> None:
    task = caller.make()
    with proxy.rule(CONDITION, ERRORS[name][0], after=True), proxy.rule("AND version = :version", NOBODY_THERE):
        expect(patch(caller, task), UNKNOWN, 200)
    assert caller.read(task)["version"] == 2


def get(client: Client, task: Task) -> Answer:
    return client.get(f"/tasks/{task['task_id']}")


def patch(client: Client, task: Task) -> Answer:
    return client.patch(f"/tasks/{task['task_id']}", json={"title": "changed"})


def create(client: Client) -> Answer:
    return client.post("/tasks/", json={"title": "made"})


def test_a_node_that_forgot_its_statements_is_told_them_again(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    with ExitStack() as rules:
        met = []
        for text in (GET, LISTED, CONDITION):
            forgotten = proxy.id_of(text)
            reply = error(0x2500, struct.pack(">H", len(forgotten)) + forgotten)
            met.append(rules.enter_context(proxy.rule(text, reply, times=1)))
        caller.read(task)
        create(caller).ok(201)
        patch(caller, task).ok()
        assert [each.met for each in met] == [1, 1, 1]


def test_silence_is_waited_for_within_the_budget(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    acts = {GET: (lambda: get(caller, task), UNAVAILABLE), LISTED: (lambda: create(caller), UNKNOWN),
            CONDITION: (lambda: patch(caller, task), UNKNOWN)}
    for text, (act, wanted) in acts.items():
        # A serial read would settle the change.
        with proxy.rule(text, None), proxy.rule("AND version = :version", None):
            began = time.monotonic()
            expect(act(), wanted, 200)
            # The budget is 1.9 s; the margin is the machine's.
            assert 1.5 < time.monotonic() - began < 2.5


def test_silence_after_a_batch_leaves_time_to_write_by_steps(proxy: Proxy, caller: Client) -> None:
    with proxy.rule(BATCH, None) as rule:
        task = create(caller).ok(201)
    assert rule.met == 1
    assert task["task_id"] in {each["task_id"] for each in caller.walk()}


@pytest.mark.parametrize("after", [False, True], ids=["not stored", "stored"])
def test_silence_after_a_change_leaves_time_to_find_out(proxy: Proxy, caller: Client, after: bool) -> None:
    task = caller.make()
    with proxy.rule(CONDITION, None, after=after, times=1) as rule:
        patch(caller, task).ok()
    assert rule.met == 1
    assert caller.read(task)["version"] == 2


@pytest.mark.parametrize("after", [False, True], ids=["not stored", "stored"])
def test_silence_after_a_creation_under_ones_own_id(proxy: Proxy, caller: Client, after: bool) -> None:
    path, own = f"/tasks/{uuid.uuid4()}", {"If-None-Match": "*"}
    with proxy.rule("IF NOT EXISTS USING TTL :ttl; ", None, after=after, times=1) as rule:
        caller.put(path, json={"title": "mine"}, headers=own).ok(201)
    assert rule.met == 1
    caller.put(path, json={"title": "mine"}, headers=own).problem(412, "already_exists")


@pytest.mark.parametrize("after", [False, True], ids=["not stored", "stored"])
def test_silence_after_a_claim_of_a_key(proxy: Proxy, caller: Client, after: bool) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    with proxy.rule(".idempotency_keys (", None, after=after, times=1) as rule:
        task = caller.post("/tasks/", json={"title": "claimed"}, headers=key).ok(201)
    assert rule.met == 1
    again = caller.post("/tasks/", json={"title": "claimed"}, headers=key)
    assert again.ok(201) == task
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_cut_connection(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    acts = {GET: (lambda: get(caller, task), UNAVAILABLE), LISTED: (lambda: create(caller), UNKNOWN),
            CONDITION: (lambda: patch(caller, task), UNKNOWN)}
    for text, (act, wanted) in acts.items():
        with proxy.rule(text, CUT, after=True, times=1):
            expect(act(), wanted, 200)
        until(lambda: caller.get("/health/ready").status == 200, BACK_SECONDS, "the service did not connect again")
    assert caller.read(task)["version"] == 2


def test_a_protocol_error(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    with proxy.rule(GET, PROTOCOL, times=1):
        expect(get(caller, task), FAULT, 200)
    until(lambda: caller.get("/health/ready").status == 200, BACK_SECONDS, "the service did not connect again")
    assert caller.read(task) == task


def test_no_node_at_all(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    proxy.close()
    try:
        until(lambda: caller.get("/health/ready").status == 503, BACK_SECONDS, "nobody noticed")
        for act in (lambda: get(caller, task), lambda: create(caller), lambda: patch(caller, task)):
            began = time.monotonic()
            expect(act(), UNAVAILABLE, 200)
            assert time.monotonic() - began < 1
    finally:
        proxy.open()
    until(lambda: caller.get("/health/ready").status == 200, BACK_SECONDS, "the service did not connect again")
    assert caller.read(task) == task
