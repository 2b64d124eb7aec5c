"""`taskapp trace`: a real request, and what the nodes did for it, but not what was in it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cassandra import ConsistencyLevel
from cassandra.query import SimpleStatement

from tests.fixtures.accounts import Account
from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client, Task
from tests.fixtures.command import Command, Done, well
from tests.fixtures.replicas import too_few_replicas
from tests.fixtures.service import Service


@pytest.fixture
def task(client: Client) -> Task:
    return client.make("To be traced")


@pytest.fixture
def trace(command: Command, keyspace: str) -> Callable[..., Done]:
    return lambda *arguments: command(keyspace, "trace", *arguments)


def statement(found: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = (each for each in found["statements"] if each["name"] == name)
    return one


def activities(one: dict[str, Any]) -> str:
    return "\n".join(event["activity"] for trace in one["traces"] for event in trace["events"])


# -- What is shown

def test_a_read_as_a_tree(trace: Callable[..., Done], task: Task, cassandra: Cassandra) -> None:
    done = trace("get", f"/tasks/{task['task_id']}")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"GET /tasks/{task['task_id']} → 200 in ")
    (line,) = (line for line in lines if "tasks.get" in line)
    assert "LOCAL_QUORUM" in line
    assert f"{cassandra.address}:{cassandra.port}" in line
    assert any("µs" in line and "live rows" in line for line in lines)
    assert not any("Acquiring sstable" in line for line in lines)
    assert done.stderr == ""
    everything = trace("GET", f"/tasks/{task['task_id']}", "--events").stdout
    assert len(everything.splitlines()) > len(lines)
    assert "Executing single-partition query on tasks" in everything


def test_a_read_for_scripts(trace: Callable[..., Done], task: Task) -> None:
    found = well(trace("GET", f"/tasks/{task['task_id']}", "-H", "Consistency-Level: ONE", "--json"))
    assert (found["method"], found["status"], found["problem"]) == ("GET", 200, None)
    one = statement(found, "tasks.get")
    assert one["consistency"] == "ONE"
    assert (one["statements"], one["error"], one["missing"]) == (1, None, None)
    assert 0 < one["ms"] <= found["ms"]
    (first,) = one["traces"]
    assert uuid.UUID(first["trace_id"])
    assert first["microseconds"] > 0
    assert all(event["source"] and event["activity"] for event in first["events"])


def test_a_creation_is_one_batch_and_really_happens(trace: Callable[..., Done], client: Client) -> None:
    title = f"Made by a trace {uuid.uuid4()}"
    found = well(trace("POST", "/tasks/", "--data", f'{{"title": "{title}"}}', "--json"))
    assert found["status"] == 201
    batch = statement(found, "tasks.create")
    assert batch["statements"] >= 3
    assert "Adding to tasks memtable" in activities(batch)
    assert [each["title"] for each in client.walk() if each["title"] == title] == [title]


def test_the_steps_of_a_conditional_write(trace: Callable[..., Done], client: Client) -> None:
    task = client.make()
    found = well(trace("PATCH", f"/tasks/{task['task_id']}", "-d", '{"title": "Other"}', "--json"))
    update = statement(found, "tasks.update")
    assert update["consistency"] == "LOCAL_QUORUM + LOCAL_SERIAL"
    steps = activities(update)
    assert [step for step in ("Promising", "CAS precondition is met", "Accepting", "CAS successful")
            if step not in steps] == []
    assert client.read(task)["title"] == "Other"


def test_a_refused_request_says_why(trace: Callable[..., Done]) -> None:
    found = well(trace("GET", f"/tasks/{uuid.uuid4()}", "--json"))
    assert (found["status"], found["problem"]) == (404, "not_found: Task not found")
    plain = trace("POST", "/tasks/", "-d", "{")
    assert plain.returncode == 0
    assert "→ 400" in plain.stdout.splitlines()[0]


# -- What is not

def test_no_value_is_shown_though_the_nodes_trace_it(trace: Callable[..., Done], client: Client, session: Any) -> None:
    task = client.make()
    canary = f"canary{uuid.uuid4().hex}"
    body, arguments = f'{{"title": "{canary}"}}', ("PATCH", f"/tasks/{task['task_id']}")
    found = trace(*arguments, "-d", body, "--json")
    (raw,) = statement(well(found), "tasks.update")["traces"]
    # The control: there is something to be kept back.
    assert canary in traced(session, raw["trace_id"])
    assert canary not in found.stdout
    changed_back = trace(*arguments, "-d", body.replace("canary", "other"), "--events")
    assert canary not in changed_back.stdout


def traced(session: Any, trace_id: str) -> str:
    rows = session.execute(SimpleStatement(f"SELECT activity FROM system_traces.events WHERE session_id = {trace_id}",
                                           consistency_level=ConsistencyLevel.ONE))
    return "\n".join(row["activity"] for row in rows)


# -- What goes wrong

def test_in_token_mode_the_token_is_sent(command: Command, token_service: Service, ann: Account) -> None:
    keyspace = token_service.environment["TASKAPP_CASSANDRA_KEYSPACE"]

    def listing(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = well(command(keyspace, "trace", "GET", "/tasks/", "--json", *arguments,
                                             TASKAPP_AUTH="token"))
        return found

    assert listing("--token", ann.token)["status"] == 200
    assert listing("-H", f"Authorization: Bearer {ann.token}")["status"] == 200
    assert listing("--token", "nonsense")["status"] == 401
    assert listing()["status"] == 401


def test_a_request_the_database_fails_is_exit_1(command: Command, session: Any, new_keyspace: Callable[[], str]
                                                ) -> None:
    keyspace = new_keyspace()
    well(command(keyspace, "sync-tables", "--json"))
    with too_few_replicas(session, keyspace):
        done = command(keyspace, "trace", "GET", f"/tasks/{uuid.uuid4()}")
    assert done.returncode == 1
    assert "→ 503" in done.stdout.splitlines()[0]
    assert "failed: " in done.stdout
    assert done.stderr.strip() == "Error: The request was answered with 503"


def test_a_trace_that_does_not_come_is_told(trace: Callable[..., Done], task: Task) -> None:
    path = f"/tasks/{task['task_id']}"
    done = trace("GET", path, "--wait", "0")
    assert done.returncode == 0
    assert "no trace: it did not come within 0.0 s" in done.stdout
    assert " µs at " not in done.stdout
    one = statement(well(trace("GET", path, "--wait", "0", "--json")), "tasks.get")
    assert (one["traces"], one["missing"]) == ([], "it did not come within 0.0 s")


@pytest.mark.parametrize(("arguments", "wrong"), [
    (("BREW", "/tasks/"), "BREW"), (("GET", "tasks/"), "tasks/"), (("GET", "/tasks/", "-H", "no colon"), "no colon"),
    (("GET", "/tasks/", "--wait", "-1"), "-1.0"), (("GET",), "PATH")])
def test_a_wrong_option_is_exit_2_and_named(trace: Callable[..., Done], arguments: tuple[str, ...], wrong: str) -> None:
    done = trace(*arguments)
    assert done.returncode == 2
    assert wrong in done.stderr


def test_help_says_that_it_is_a_real_request(trace: Callable[..., Done]) -> None:
    told = " ".join(trace("--help").stdout.split())
    assert "a DELETE deletes" in told
    assert "system_traces" in told
