"""`taskapp sync-tables`, `migrate` and `repair` on a real cluster.

The service of this file runs without its sweeper, so that what a test breaks stays broken until `repair` mends it.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from taskapp.cassandra.driver import policies
from tests.fixtures.client import Client, Task
from tests.fixtures.command import Command, well
from tests.fixtures.orders import SORTS, check_walk
from tests.fixtures.service import NewService


def tables(session: Any, keyspace: str) -> set[str]:
    rows = session.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s", (keyspace,))
    return {next(iter(row.values())) for row in rows}


# -- sync-tables

def test_sync_tables_says_what_it_would_run_and_then_runs_it(command: Command, session: Any,
                                                            new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    dry = well(command(keyspace, "sync-tables", "--dry-run", "--json"))
    assert dry["dry_run"] is True
    assert any("CREATE KEYSPACE" in text and "NetworkTopologyStrategy" in text for text in dry["statements"])
    assert tables(session, keyspace) == set()

    real = well(command(keyspace, "sync-tables", "--json"))
    assert real["dry_run"] is False
    assert {"tasks", "tasks_by_project", "tasks_by_due", "intents", "leases"} <= tables(session, keyspace)
    assert real["fingerprint"] == dry["fingerprint"]
    for text in dry["statements"]:
        if "CREATE TABLE" in text:
            assert text.split(".")[1].split()[0].strip('"') in tables(session, keyspace)

    assert well(command(keyspace, "sync-tables", "--json"))["statements"] == []
    plain = command(keyspace, "sync-tables")
    assert (plain.returncode, plain.stdout.startswith("Nothing to do")) == (0, True)


def test_several_at_once_make_one_schema(command: Command, session: Any, new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: command(keyspace, "sync-tables", "--json"), range(3)))
    found = [well(each) for each in done]
    assert sum(any("tasks_by_due" in text for text in each["statements"]) for each in found) == 1
    assert well(command(keyspace, "sync-tables", "--json"))["statements"] == []
    rows = [dict(row) for row in session.execute(f"SELECT * FROM {keyspace}.schema_state")]
    assert [row["fingerprint"] for row in rows] == [found[0]["fingerprint"]]


def test_newer_tables_are_left_alone(command: Command, session: Any, new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    well(command(keyspace, "sync-tables", "--json"))
    session.execute(f"UPDATE {keyspace}.schema_state SET version = 999 WHERE scope = 'taskapp'")
    for arguments in (("sync-tables",), ("sync-tables", "--dry-run"), ("migrate", "up")):
        done = command(keyspace, *arguments)
        assert done.returncode == 1
        assert "999" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_cluster_that_is_away_is_one_line(command: Command) -> None:
    for arguments in (("sync-tables",), ("migrate", "status"), ("repair", "--check")):
        done = command("nowhere", *arguments, TASKAPP_CASSANDRA_PORT="1")
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert "does not answer" in done.stderr


# -- migrate

def test_migrations(command: Command, session: Any, new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    before = json.loads(command(keyspace, "migrate", "status", "--json").stdout)
    assert before
    assert {each["state"] for each in before} == {"pending"}
    early = command(keyspace, "migrate", "up")
    assert early.returncode == 1
    assert "sync-tables" in early.stderr

    well(command(keyspace, "sync-tables", "--json"))
    after = well(command(keyspace, "migrate", "status", "--json"))
    assert {each["state"] for each in after} == {"applied"}
    assert not any(each["drifted"] for each in after)
    assert command(keyspace, "migrate", "up").returncode == 0

    # One that was cut off goes on where it was.
    session.execute(f"UPDATE {keyspace}.migrations SET state = 'running', step = 1 WHERE scope = 'taskapp' "
                    "AND number = 1")
    dry = command(keyspace, "migrate", "up", "--dry-run")
    assert dry.returncode == 0
    assert "step 2" in dry.stdout
    assert "step 1" not in dry.stdout
    states = {each["state"] for each in json.loads(command(keyspace, "migrate", "status", "--json").stdout)}
    assert "running" in states
    assert command(keyspace, "migrate", "up").returncode == 0
    assert {each["state"] for each in well(command(keyspace, "migrate", "status", "--json"))} == {"applied"}


def test_a_migration_whose_file_was_changed_is_told(command: Command, session: Any, new_keyspace: Callable[[], str]
                                                   ) -> None:
    keyspace = new_keyspace()
    well(command(keyspace, "sync-tables", "--json"))
    session.execute(f"UPDATE {keyspace}.migrations SET checksum = 'other' WHERE scope = 'taskapp' AND number = 1")
    status = command(keyspace, "migrate", "status", "--json")
    assert status.returncode == 1
    assert json.loads(status.stdout)[0]["drifted"] is True
    up = command(keyspace, "migrate", "up")
    assert up.returncode == 1
    assert "0001" in up.stderr


TABLES_OF_OTHERS = {
    "tutorial": ("tasks (task_id uuid PRIMARY KEY, title text, description text, status text, due_date timestamp, "
                 "created_at timestamp, updated_at timestamp)", "its primary key must be task_id, version"),
    "not static": ("tasks (task_id uuid, version int, title text, PRIMARY KEY (task_id, version)) "
                   "WITH CLUSTERING ORDER BY (version DESC)", "title must be static"),
    "another order": ("tasks (task_id uuid, version int, title text STATIC, PRIMARY KEY (task_id, version))",
                      "version must be ordered DESC"),
}


@pytest.mark.parametrize("kind", TABLES_OF_OTHERS)
def test_nothing_is_made_beside_the_tables_of_another_program(command: Command, session: Any, kind: str,
                                                              new_keyspace: Callable[[], str]) -> None:
    keyspace, (table, why) = new_keyspace(), TABLES_OF_OTHERS[kind]
    for text in (f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', "
                 "'datacenter1': 1}", f"CREATE TABLE {keyspace}.{table}"):
        session.execute(text, execution_profile=policies.SCHEMA)
    for more in ((), ("--dry-run",)):
        done = command(keyspace, "sync-tables", *more)
        assert done.returncode == 1
        line, = done.stderr.splitlines()
        assert f"{keyspace}.tasks is another program's table, and was left as it is: {why}." in line
        assert "TASKAPP_CASSANDRA_KEYSPACE" in line
    assert tables(session, keyspace) == {"tasks"}


# -- repair

@pytest.fixture(scope="module")
def broken(new_service: NewService, new_keyspace: Callable[[], str], session: Any) -> str:
    """A keyspace whose derived rows were tampered with: one missing, one wrong, one stray."""
    keyspace = new_keyspace()
    client = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    made = [client.make(f"Task {number}", due_date="2027-01-01T00:00:00Z" if number % 2 else None)
            for number in range(30)]
    client.delete(f"/tasks/{made[9]['task_id']}").ok()
    rows = [dict(row) for row in session.execute(f"SELECT * FROM {keyspace}.tasks_by_project")]
    key = "project_id = %s AND shelf = %s AND bucket = %s AND created_at = %s AND task_id = %s"
    names = ("project_id", "shelf", "bucket", "created_at", "task_id")
    first, second, third = ([row[name] for name in names] for row in rows[:3])
    # At old timestamps, as a lost write leaves it: a later derivation is newer.
    session.execute(f"DELETE FROM {keyspace}.tasks_by_project WHERE {key}", first)
    session.execute(f"UPDATE {keyspace}.tasks_by_project SET title = 'wrong' WHERE {key}", second)
    stray = {**rows[2], "shelf": "trash" if third[1] == "live" else "live"}
    session.execute(f"INSERT INTO {keyspace}.tasks_by_project (project_id, shelf, bucket, created_at, task_id, title) "
                    "VALUES (%s, %s, %s, %s, %s, 'stray') USING TIMESTAMP 5", [stray[name] for name in names])
    client.close()
    return keyspace


def test_repair_of_tables_that_agree(command: Command, keyspace: str, client: Client) -> None:
    client.make()
    found = well(command(keyspace, "repair", "--check", "--json"))
    assert found["check"] is True
    assert found["tasks"] >= 1
    assert (found["missing"], found["different"], found["stray"]) == (0, 0, 0)


def test_a_check_counts_and_mends_nothing(command: Command, broken: str) -> None:
    checked = command(broken, "repair", "--check", "--json")
    assert checked.returncode == 1
    counts = json.loads(checked.stdout)
    assert (counts["missing"], counts["different"], counts["stray"]) == (1, 1, 1)
    assert json.loads(command(broken, "repair", "--check", "--json").stdout) == counts


def test_repair_mends_what_a_lost_write_left(command: Command, new_service: NewService, session: Any,
                                             new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    client = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    made = [client.make(f"Task {number}") for number in range(20)]
    for task in made[:3]:
        _change_the_truth_alone(session, keyspace, task, "title", "'Changed'", [task["title"], "Changed"])
    for task in made[2:6]:
        _change_the_truth_alone(session, keyspace, task, "due_date", "'2027-01-01T00:00:00Z'",
                                [None, "2027-01-01T00:00:00.000Z"])
    wanted = [client.read(task) for task in made]
    assert command(keyspace, "repair", "--check").returncode == 1
    for sort in SORTS:
        with pytest.raises(AssertionError):
            check_walk(client.walk(sort=sort), wanted, sort)

    assert well(command(keyspace, "repair", "--json"))["unmended"] == 0
    again = well(command(keyspace, "repair", "--check", "--json"))
    assert (again["missing"], again["different"], again["stray"]) == (0, 0, 0)
    for sort in SORTS:
        walk = client.walk(sort=sort)
        check_walk(walk, wanted, sort)
        assert len(walk) == len(wanted)
    client.close()


def _change_the_truth_alone(session: Any, keyspace: str, task: Task, name: str, value: str, diff: list[Any]) -> None:
    """Do what a worker does that dies between truth and projections."""
    version = next(iter(session.execute(
        f"SELECT current_version AS v FROM {keyspace}.tasks WHERE task_id = {task['task_id']} LIMIT 1")))["v"]
    session.execute(
        f"BEGIN BATCH UPDATE {keyspace}.tasks SET {name} = {value}, current_version = {version + 1} "
        f"WHERE task_id = {task['task_id']} IF current_version = {version}; "
        f"INSERT INTO {keyspace}.tasks (task_id, version, change_id, at, actor, kind, diff) VALUES "
        f"({task['task_id']}, {version + 1}, now(), toTimestamp(now()), {task['created_by']}, 'updated', "
        f"'{json.dumps({name: diff})}'); APPLY BATCH")
