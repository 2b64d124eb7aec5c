"""The trash is emptied after thirty days, and not before."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from taskapp.cassandra.connection import db
from taskapp.features.tasks import queries
from taskapp.features.tasks.upkeep import Purger
from taskapp.kit import clock
from taskapp.settings import Settings
from tests.fixtures.client import Client

TRASH = timedelta(days=Settings().trash_days)


@pytest.fixture
def purger(session: Any, keyspace: str, monkeypatch: pytest.MonkeyPatch) -> Purger:
    monkeypatch.setattr(db, "keyspace", keyspace)
    return Purger(Settings())


def test_the_trash_is_emptied_when_its_time_is_over(client: Client, purger: Purger) -> None:
    kept, restored, removed = (client.make(title) for title in ("kept", "restored", "removed"))
    for task in (restored, removed):
        client.delete(f"/tasks/{task['task_id']}").ok()
    client.post(f"/tasks/{restored['task_id']}/restore").ok()
    purger.purge(clock.now() + TRASH - timedelta(minutes=1))
    assert removed["task_id"] in _ids(client, trash="true")
    assert purger.purge(clock.now() + TRASH) >= 1
    assert removed["task_id"] not in _ids(client, trash="true")
    client.post(f"/tasks/{removed['task_id']}/restore").problem(404)
    assert {kept["task_id"], restored["task_id"]} <= _ids(client)
    # Of what was removed, nothing but its end is kept.
    assert [change.kind for change in queries.history(_uuid(removed), queries.NEWEST, 10)] == ["removed"]


def _ids(client: Client, **parameters: Any) -> set[str]:
    return {task["task_id"] for page in client.pages("/tasks/", limit=200, **parameters) for task in page}


def _uuid(task: dict[str, Any]) -> Any:
    return uuid.UUID(task["task_id"])
