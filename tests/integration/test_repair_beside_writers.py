"""Repair works beside writers: what it takes for stray may have come back to its place by the time it is removed.

Red when the timestamp of a removal is of another read of the truth than the look that found the row stray (a tombstone
wins ties), or of a clock where the truth is absent.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from taskapp.features.tasks import queries
from taskapp.features.tasks.aggregate import TASKS
from taskapp.features.tasks.projections import LISTS
from taskapp.kit import clock
from taskapp.writepath import repair_queries
from taskapp.writepath.repair import UNDER_WAY, Counts, RowWalk
from tests.fixtures.client import Client, Task
from tests.fixtures.service import NewService
from tests.fixtures.tables import Tables

BY_PROJECT, BY_DUE = (RowWalk(TASKS, each, check=False) for each in LISTS[:2])


@pytest.fixture(scope="module")
def client(new_service: NewService, own_keyspace: str) -> Iterator[Client]:
    """Talk to a service that uses this file's tables, and sweeps nothing."""
    made = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    yield made
    made.close()


def key_of(task: Task, walk: RowWalk) -> dict[str, Any]:
    truth = queries.get(uuid.UUID(task["task_id"]))
    assert truth
    row, = walk.projection.derive(truth)
    return {name: getattr(row, name) for name in walk.projection.keys}


@pytest.mark.parametrize("back", range(1, 4))
def test_a_task_that_comes_back_to_its_place_stays_listed(client: Client, tables: Tables, back: int) -> None:
    task = client.make(due_date="2027-01-01T00:00:00Z")
    path = f"/tasks/{task['task_id']}"
    place = key_of(task, BY_DUE)
    client.patch(path, json={"due_date": "2028-01-01T00:00:00Z"}).ok()
    stamp = BY_DUE.stray(place)
    assert stamp is not None
    for _ in range(back):
        client.patch(path, json={"due_date": "2027-01-01T00:00:00Z"}).ok()
        client.patch(path, json={"due_date": "2029-01-01T00:00:00Z"}).ok()
    now = client.patch(path, json={"due_date": "2027-01-01T00:00:00Z"}).ok()
    assert not BY_DUE.remove(place, stamp)
    assert [each for each in client.walk(sort="due_date") if each["task_id"] == task["task_id"]] == [now]
    assert BY_DUE.stray(place) is None


def test_the_row_of_a_creation_under_way_stays(client: Client, tables: Tables) -> None:
    task = client.make("half applied")
    place, truth = key_of(task, BY_PROJECT), tables("SELECT * FROM $ks.tasks WHERE task_id = %s",
                                                    uuid.UUID(task["task_id"]))[0]
    names = [name for name, value in truth.items() if value is not None]
    forget(tables, truth["task_id"])
    assert BY_PROJECT.look(place) == Counts(rows=1, stray=1, unmended=1)
    tables(f"INSERT INTO $ks.tasks ({', '.join(names)}) VALUES ({', '.join('%s' for _ in names)}) USING TIMESTAMP 3",
           *(truth[name] for name in names))
    assert client.read(task) == task
    assert [each for each in client.walk() if each["task_id"] == task["task_id"]] == [task]


def forget(tables: Tables, task_id: uuid.UUID) -> None:
    """Take a truth away, as if its cells, which are written at timestamp 1, had not come yet."""
    tables("DELETE FROM $ks.tasks USING TIMESTAMP 2 WHERE task_id = %s", task_id)


def test_an_old_row_without_a_task_is_removed(client: Client, tables: Tables) -> None:
    at = clock.now() - UNDER_WAY - timedelta(minutes=1)
    key = {**key_of(client.make(), BY_PROJECT), "task_id": uuid.uuid4(), "created_at": at}
    tables(f"INSERT INTO $ks.tasks_by_project ({', '.join(key)}, title) VALUES ({', '.join('%s' for _ in key)}, 'x') "
           f"USING TIMESTAMP {clock.micros(at) + 1}", *key.values())
    assert BY_PROJECT.look(key) == Counts(rows=1, stray=1, unmended=0)
    assert repair_queries.row_of(LISTS[0], key) is None


def test_the_row_of_a_removed_task_is_removed(client: Client, tables: Tables) -> None:
    task = client.make("to be removed")
    place = key_of(task, BY_PROJECT)
    client.delete(f"/tasks/{task['task_id']}", permanent="true").ok()
    tables(f"INSERT INTO $ks.tasks_by_project ({', '.join(place)}, title) VALUES "
           f"({', '.join('%s' for _ in place)}, 'back') USING TIMESTAMP {clock.micros(clock.now())}", *place.values())
    assert BY_PROJECT.look(place) == Counts(rows=1, stray=1, unmended=0)
