"""A change whose worker died before its rows were written, and a later one of the same task, which writes its part.

Until the sweeper comes by, the row in a list holds that part alone. Negative control: with rows without a title let
through (`listing.present`), the lists show nulls, or fail.
"""

import uuid
from collections import Counter
from typing import Any

import pytest

from taskapp.kit import clock
from tests.fixtures.client import Client, Task
from tests.fixtures.command import Command, well
from tests.fixtures.orders import SORTS
from tests.fixtures.service import NewService

DATES = {"undated": None, "dated": "2027-03-01T00:00:00.000Z"}


@pytest.fixture(scope="module")
def client(new_service: NewService, own_keyspace: str) -> Any:
    """Talk to a service that never sweeps."""
    made = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    for number in range(4):
        made.make(f"Whole {number}", due_date="2027-02-01T00:00:00Z" if number % 2 else None)
    yield made
    made.close()


def lose(session: Any, keyspace: str, task: Task) -> None:
    """Take away what the last change wrote into the list by due date, and nothing that comes later."""
    created_at = clock.parsed(task["created_at"])
    due_date = task["due_date"] and clock.parsed(task["due_date"])
    session.execute(
        f"DELETE FROM {keyspace}.tasks_by_due USING TIMESTAMP {clock.micros(created_at) + task['version']} "
        "WHERE project_id = %s AND shelf = 'live' AND dated = %s AND bucket = 0 AND sort_date = %s AND task_id = %s",
        (uuid.UUID(task["project_id"]), due_date is not None, due_date or created_at,
         uuid.UUID(task["task_id"])))


@pytest.mark.parametrize("now", DATES)
def test_lists_leave_it_out_until_it_is_whole(client: Client, command: Command, session: Any, own_keyspace: str,
                                              now: str) -> None:
    others = Counter(each["task_id"] for each in client.walk())
    task = client.make("Moves", due_date="2027-01-01T00:00:00Z")
    path = f"/tasks/{task['task_id']}"
    lose(session, own_keyspace, client.patch(path, json={"due_date": DATES[now]}).ok())
    task = client.patch(path, json={"priority": 3}).ok()

    everything = others + Counter([task["task_id"]])
    for sort in SORTS:
        for asked in ({}, {"status": "pending"}, {"status": ["pending", "completed"]}):
            for limit in (1, 2, 200):
                found = client.walk(sort=sort, limit=limit, **asked)
                met = Counter(each["task_id"] for each in found)
                # By due date, it is known by its mark in the list by creation, while walks look for late changes.
                assert met == (everything if "created" in sort or task["task_id"] in met else others)
                assert all(each["title"] for each in found)

    well(command(own_keyspace, "repair", "--json"))
    assert task in client.walk(sort="due_date", limit=1)
