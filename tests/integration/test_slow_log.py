"""The slow log: which statement, how long, by whom and where, and never what was in it."""

import json
import uuid
from typing import Any

import pytest

from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client, Task
from tests.fixtures.service import NewService, Service, until

Line = dict[str, Any]


@pytest.fixture(scope="module")
def logged(new_service: NewService) -> Service:
    """A service to which every statement is slow."""
    return new_service(TASKAPP_SLOW_QUERY_MS=0, TASKAPP_SWEEP_INTERVAL=0)


@pytest.fixture
def caller(logged: Service) -> Any:
    client = Client(logged.url)
    yield client
    client.close()


def slow(service: Service, statement: str) -> list[Line]:
    lines = [json.loads(line) for line in service.log().splitlines()]
    return [line for line in lines if line["event"] == "slow statement" and line["statement"] == statement]


def last(service: Service, statement: str) -> Line:
    return until(lambda: slow(service, statement), 5, f"no line for {statement}")[-1]


def token_of(session: Any, keyspace: str, task: Task) -> int:
    rows = session.execute(f"SELECT token(task_id) AS at FROM {keyspace}.tasks WHERE task_id = {task['task_id']}")
    return next(iter(rows))["at"]


def test_a_read_is_named_with_coordinator_consistency_and_token(logged: Service, caller: Client, session: Any,
                                                                keyspace: str, cassandra: Cassandra) -> None:
    task = caller.make()
    caller.read(task)
    line = last(logged, "tasks.get")
    assert line["level"] == "warning"
    assert line["ms"] >= 0
    assert line["coordinator"] == f"{cassandra.address}:{cassandra.port}"
    assert line["consistency"] == "LOCAL_QUORUM"
    assert line["token"] == token_of(session, keyspace, task)
    caller.get(f"/tasks/{task['task_id']}", headers={"Consistency-Level": "ONE"}).ok()
    until(lambda: last(logged, "tasks.get")["consistency"] == "ONE", 5, "no line with the level that was asked for")


def test_the_token_leads_to_the_partition(logged: Service, caller: Client, session: Any, keyspace: str) -> None:
    task = caller.make()
    caller.read(task)
    token = last(logged, "tasks.get")["token"]
    rows = session.execute(f"SELECT task_id FROM {keyspace}.tasks WHERE token(task_id) = {token} LIMIT 1")
    assert [str(row["task_id"]) for row in rows] == [task["task_id"]]


def test_batches_have_the_token_of_their_first_partition(logged: Service, caller: Client, session: Any, keyspace: str
                                                         ) -> None:
    task = caller.make()
    assert last(logged, "tasks.create")["token"] == token_of(session, keyspace, task)
    caller.patch(f"/tasks/{task['task_id']}", json={"title": "Another"}).ok()
    line = last(logged, "tasks.update")
    assert line["token"] == token_of(session, keyspace, task)
    assert line["consistency"] == "LOCAL_QUORUM + LOCAL_SERIAL"


def test_a_single_conditional_statement_tells_its_condition_s_level(logged: Service, caller: Client) -> None:
    caller.post("/tasks/", json={"title": "Once"}, headers={"Idempotency-Key": uuid.uuid4().hex}).ok(201)
    assert last(logged, "idempotency.claim")["consistency"] == "LOCAL_QUORUM + LOCAL_SERIAL"
    assert last(logged, "idempotency.answer")["consistency"] == "LOCAL_QUORUM"


def test_no_value_is_logged(logged: Service, caller: Client) -> None:
    canaries = [f"canary{place}{uuid.uuid4().hex}" for place in ("title", "description", "label", "key", "value")]
    title, description, label, key, value = canaries
    made = caller.make(title, description=description, labels=[label], metadata={key: value})
    caller.patch(f"/tasks/{made['task_id']}", json={"title": title + "2"}).ok()
    caller.post("/tasks/", json={"title": title}, headers={"Idempotency-Key": key}).ok(201)
    caller.get("/tasks/", status="pending").ok()
    last(logged, "idempotency.answer")
    assert [canary for canary in canaries if canary in logged.log()] == []
    # Nor the key of the partition, by which a task would be found.
    assert made["task_id"] not in "".join(json.dumps(line) for line in slow(logged, "tasks.update"))


def test_control_what_is_fast_enough_is_not_logged(new_service: NewService) -> None:
    service = new_service(TASKAPP_SLOW_QUERY_MS=600_000)
    client = Client(service.url)
    client.read(client.make())
    client.close()
    service.stop()
    assert "slow statement" not in service.log()
    assert '"request"' in service.log()
