"""What a node keeps of a task that expires: every cell as long as the task and a little longer (`tasks/expiry.py`).

Red when: a cell of an expiring task has no TTL, or one that ends before the task; a change of the expiry leaves a cell
with the old one; deriving again writes rows that stay for ever.
"""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from taskapp.cassandra.coordination.leases import Lease
from taskapp.cassandra.mapper import names as columns_of
from taskapp.cassandra.mapper import ttl
from taskapp.features.tasks import expiry, models
from taskapp.features.tasks.aggregate import TASKS
from taskapp.features.tasks.schemas import MAX_EXPIRES_IN
from taskapp.features.tasks.upkeep import Purger
from taskapp.kit import clock
from taskapp.settings import Settings
from tests.fixtures.client import Client, Task
from tests.fixtures.command import Command, well
from tests.fixtures.half_done import change_the_truth_alone
from tests.fixtures.service import NewService, Service, until
from tests.fixtures.tables import Tables

# Seconds between a time read here and the node's.
NEAR = 5
CELLS = [name for name in columns_of(models.Task) if name not in ("task_id", "completed_at", "deleted_at")]
LISTED = ["title", "version", "status", "metadata", "expires_at", "updated_at", "created_by"]


@pytest.fixture(scope="module")
def service(new_service: NewService, own_keyspace: str) -> Service:  # type: ignore[misc]
    return new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_SWEEP_INTERVAL="0.5", TASKAPP_SWEEP_AGE=1)


def path(task: Task) -> str:
    return f"/tasks/{task['task_id']}"


def left(task: Task) -> float:
    expires_at = clock.parsed(task["expires_at"])
    return (expires_at - clock.now()).total_seconds()


def lives(names: list[str]) -> str:
    """Ask for TTLs, and for what tells a cell that stays from one that is not there."""
    return ", ".join(f"TTL({name}) AS {name}, WRITETIME({name}) AS at_{name}" for name in names)


def written(row: dict[str, int | None], names: list[str]) -> dict[str, int | None]:
    """Pick the TTLs of the cells that are there, empty ones included."""
    return {name: row[name] for name in names if row[f"at_{name}"] is not None}


def truth(tables: Tables, task: Task) -> dict[str, int | None]:
    """Read the TTLs of the columns of the truth."""
    return written(tables(f"SELECT {lives(CELLS)} FROM $ks.tasks WHERE task_id = {task['task_id']} LIMIT 1")[0], CELLS)


def history(tables: Tables, task: Task) -> list[dict[str, int | None]]:
    """Read the TTLs of a task's changes, newest first."""
    cells = [name for name in columns_of(models.Change) if name not in ("task_id", "version")]
    asked = ", ".join(f"TTL({name}) AS {name}" for name in cells)
    return tables(f"SELECT {asked} FROM $ks.tasks WHERE task_id = {task['task_id']}")


def lists(tables: Tables, task: Task) -> list[dict[str, int | None]]:
    """Read the TTLs of a task's rows in both lists."""
    return [written(row, LISTED) for table in ("tasks_by_project", "tasks_by_due")
            for row in tables(f"SELECT task_id, {lives(LISTED)} FROM $ks.{table}")
            if str(row["task_id"]) == task["task_id"]]


def seconds(margin: timedelta) -> float:
    return margin.total_seconds()


def check(tables: Tables, task: Task, *, listed: int = 2) -> None:
    """Hold that all of a task ends soon after it, and nothing before."""
    least, kept = left(task) + seconds(ttl.PART) - NEAR, seconds(expiry.KEPT)
    most = left(task) + seconds(ttl.WHOLE) + NEAR
    for cells in (truth(tables, task), *history(tables, task)):
        assert all(each is not None and least + kept <= each <= most + kept for each in cells.values()), cells
    found = lists(tables, task)
    assert len(found) == listed
    for cells in found:
        assert all(each is not None and least <= each <= most for each in cells.values()), cells


def check_stays(tables: Tables, task: Task) -> None:
    """Hold that no cell of a task ends."""
    for cells in (truth(tables, task), *history(tables, task), *lists(tables, task)):
        assert set(cells.values()) == {None}, cells


FULL: dict[str, Any] = {"description": "d", "labels": ["a"], "metadata": {"k": "v"}, "due_date": "2027-01-01T00:00:00Z"}


def test_every_cell_ends_with_the_task(client: Client, tables: Tables) -> None:
    made = client.make(**FULL, expires_in=1000)
    check(tables, made)
    assert abs(truth(tables, made)["title"] - left(made) - seconds(expiry.KEPT + ttl.WHOLE)) <= NEAR
    client.patch(path(made), json={"title": "Changed", "labels": {"add": ["b"]}, "due_date": None}).ok()
    check(tables, made)
    client.delete(path(made)).ok()
    check(tables, made)
    client.post(f"{path(made)}/restore").ok()
    check(tables, made)
    own = client.put(f"/tasks/{uuid.uuid4()}", json={"title": "Own", "expires_in": 1000},
                     headers={"If-None-Match": "*"}).ok(201)
    check(tables, own)
    large = client.make(description="d" * 16_000, expires_in=1000)
    check(tables, large)


def test_what_tells_the_end_is_there_as_long_as_the_rest(client: Client, tables: Tables) -> None:
    made = client.make(**FULL, expires_in=1000)
    client.patch(path(made), json={"title": "Changed"}).ok()
    for cells in (truth(tables, made), *lists(tables, made)):
        assert cells["expires_at"] == max(cells.values())
        assert cells["expires_at"] - cells["title"] == pytest.approx(seconds(ttl.WHOLE - ttl.PART), abs=2)


def test_a_change_of_the_expiry_is_one_of_every_cell(client: Client, tables: Tables) -> None:
    made = client.make(**FULL)
    for number in range(12):
        client.patch(path(made), json={"title": f"Title {number}"}).ok()
    # An empty set or map that is frozen is a cell, too.
    client.patch(path(made), json={"labels": [], "metadata": None, "assignees": [made["created_by"]]}).ok()
    client.patch(path(made), json={"assignees": [], "description": None}).ok()
    check_stays(tables, made)
    for expires_in in (5000, 100, 90_000):
        check(tables, client.patch(path(made), json={"expires_in": expires_in}).ok())
    client.patch(path(made), json={"title": "Changed"}).ok()
    client.patch(path(made), json={"expires_in": None}).ok()
    check_stays(tables, made)
    check(tables, client.post(f"{path(made)}/undo").ok())


def test_a_long_history_follows(client: Client, tables: Tables) -> None:
    made = client.make()
    for number in range(230):
        client.patch(path(made), json={"title": f"Title {number}"}).ok()
    limited = client.patch(path(made), json={"expires_in": 1000}).ok()

    def followed() -> bool:
        return all(each is not None for cells in history(tables, made) for each in cells.values())

    # What one request leaves, the sweeper finishes.
    until(followed, 30, "some of the history stays for ever")
    check(tables, limited)


@pytest.mark.parametrize("expires_in", [MAX_EXPIRES_IN, 13 * 365 * 86_400])
def test_an_end_that_a_node_may_not_count_to_is_kept_without_a_ttl(client: Client, tables: Tables, expires_in: int
                                                                   ) -> None:
    made = client.make(expires_in=expires_in)
    assert client.read(made) == made
    check_stays(tables, made)
    check(tables, client.patch(path(made), json={"expires_in": 1000}).ok())


# -- What a dead worker left

def test_deriving_again_writes_no_row_that_stays(client: Client, tables: Tables) -> None:
    made = client.make(**FULL, expires_in=1000)
    TASKS.derive_again(uuid.UUID(made["task_id"]))
    check(tables, made)


def test_an_expiry_whose_worker_died_is_finished(client: Client, tables: Tables) -> None:
    made = client.make(**FULL)
    client.patch(path(made), json={"title": "Two"}).ok()
    change_the_truth_alone(made["task_id"], expires_at=clock.now() + timedelta(seconds=1000))
    assert {each for cells in lists(tables, made) for each in cells.values()} == {None}
    TASKS.derive_again(uuid.UUID(made["task_id"]))
    check(tables, client.read(made))
    assert ends(tables, made) == [client.read(made)["expires_at"]]


def test_a_task_that_was_over_before_it_was_finished_leaves_the_lists(client: Client, tables: Tables) -> None:
    made = client.make(**FULL)
    change_the_truth_alone(made["task_id"], expires_at=clock.now() - timedelta(seconds=60))
    client.get(path(made)).problem(404)
    assert len(lists(tables, made)) == 2
    TASKS.derive_again(uuid.UUID(made["task_id"]))
    assert made["task_id"] not in {task["task_id"] for task in client.walk()}
    until(lambda: lists(tables, made) == [], 15, "rows of a task that is over stay")


def test_an_end_that_was_taken_back_takes_no_history_with_it(client: Client, tables: Tables) -> None:
    made = client.make(**FULL, expires_in=1000)
    change_the_truth_alone(made["task_id"], expires_at=None)
    assert None not in {each for cells in history(tables, made)[1:] for each in cells.values()}
    TASKS.derive_again(uuid.UUID(made["task_id"]))
    check_stays(tables, made)
    assert ends(tables, made) == []


def test_a_removed_task_does_not_come_back(client: Client, tables: Tables) -> None:
    made = client.make(**FULL, expires_in=1000)
    client.delete(path(made), permanent="true").ok()
    TASKS.derive_again(uuid.UUID(made["task_id"]))
    assert lists(tables, made) == ends(tables, made) == []
    found = tables(f"SELECT kind, title, current_version AS v, TTL(current_version) AS left FROM $ks.tasks "
                 f"WHERE task_id = {made['task_id']}")
    assert found == [{"kind": "removed", "title": None, "v": 2, "left": None}]


def test_the_purger_leaves_what_is_over_to_the_node(client: Client, tables: Tables) -> None:
    made = client.make(expires_in=1)
    client.delete(path(made)).ok()
    until(lambda: client.get("/tasks/", ids=made["task_id"], trash="true").ok() == [], 15, "it does not expire")
    settings = Settings()
    Purger(settings).purge(clock.now() + timedelta(days=settings.trash_days, seconds=5))
    assert tables(f"SELECT kind FROM $ks.tasks WHERE task_id = {made['task_id']} LIMIT 1") == [{"kind": "deleted"}]


# -- The event of the end

def ends(tables: Tables, task: Task) -> list[str]:
    """List the times at which a task ends, by the events that say so."""
    return sorted(clock.rfc3339(clock.timeuuid_time(row["event_id"])) for row in tables(
        "SELECT event_id, kind, task_id, TTL(kind) AS left FROM $ks.events_by_user")
        if row["kind"] == "expired" and str(row["task_id"]) == task["task_id"] and row["left"] is None)


def test_the_event_of_the_end_goes_with_the_expiry(client: Client, tables: Tables) -> None:
    made = client.make(expires_in=1000)
    assert ends(tables, made) == [made["expires_at"]]
    moved = client.patch(path(made), json={"expires_in": 5_000_000}).ok()
    assert ends(tables, made) == [moved["expires_at"]]
    client.delete(path(made)).ok()
    assert ends(tables, made) == [moved["expires_at"]]
    client.post(f"{path(made)}/restore").ok()
    client.patch(path(made), json={"expires_in": None}).ok()
    assert ends(tables, made) == []
    back = client.post(f"{path(made)}/undo").ok()
    assert ends(tables, made) == [back["expires_at"]]
    client.delete(path(made), permanent="true").ok()
    assert ends(tables, made) == []


# -- Repair

def test_repair_passes_over_what_is_over(command: Command, client: Client, tables: Tables, own_keyspace: str) -> None:
    well(command(own_keyspace, "repair", "--json"))
    made = [client.make(expires_in=1 + number % 2) for number in range(20)]
    stays = client.make(expires_in=1000)
    # Some expire while the check walks, and some rows are gone, others not yet.
    counts = well(command(own_keyspace, "repair", "--check", "--json"))
    assert (counts["missing"], counts["different"], counts["stray"]) == (0, 0, 0)
    until(lambda: all(lists(tables, task) == [] for task in made), 40, "rows of tasks that are over stay")
    counts = well(command(own_keyspace, "repair", "--check", "--json"))
    assert (counts["missing"], counts["different"], counts["stray"]) == (0, 0, 0)
    check(tables, stays)


def test_repair_finds_a_history_that_would_end_before_its_task(command: Command, client: Client, tables: Tables,
                                                              own_keyspace: str) -> None:
    well(command(own_keyspace, "repair", "--json"))
    made = client.make(expires_in=1000)
    change_the_truth_alone(made["task_id"], expires_at=None)
    counts = json.loads(command(own_keyspace, "repair", "--check", "--json").stdout)
    # The first change; both rows; and the event of an end that will not come, beside the one that is missing.
    assert counts["different"] == 3
    assert (counts["missing"], counts["stray"]) == (1, 1)
    assert well(command(own_keyspace, "repair", "--json"))["unmended"] == 0
    check_stays(tables, made)


# -- Other things that end

def test_records_and_leases_end_by_themselves(client: Client, tables: Tables) -> None:
    client.post("/tasks/", json={"title": "Once"}, headers={"Idempotency-Key": "ends"}).ok(201)
    day = Settings().idempotency_hours * 3600
    names = ("fingerprint", "claimed_at", "owner", "owned_at", "status", "headers", "body")
    asked = ", ".join(f"TTL({name}) AS {name}" for name in names)
    (record,) = [row for row in tables(f"SELECT key, {asked} FROM $ks.idempotency_keys") if row.pop("key") == "ends"]
    assert all(day - 120 <= seconds <= day for seconds in record.values()), record
    lease = Lease(uuid.uuid4().hex, seconds=30)
    assert lease.take()
    (found,) = tables("SELECT TTL(owner) AS owner, TTL(process) AS process FROM $ks.leases WHERE name = %s", lease.name)
    assert all(0 < seconds <= 30 for seconds in found.values())
    noted = [row["left"] for row in tables("SELECT TTL(noted_at) AS left FROM $ks.intents")]
    assert None not in noted
    assert models.TaskTruth.__options__.get("default_time_to_live", 0) == 0
