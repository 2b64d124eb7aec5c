"""The trash is emptied after thirty days, and not before, of all that is in it.

Red when the purger looks back for a number of days only, or stops at a task that it cannot remove.
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from taskapp.cassandra.driver.connection import db
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
    assert [change.kind for change in queries.history(_uuid(removed))] == ["removed"]


@pytest.mark.parametrize(("days", "later"), [(30, 45), (3, 45), (1, 400)])
def test_nothing_is_forgotten(client: Client, session: Any, keyspace: str, monkeypatch: pytest.MonkeyPatch, days: int,
                              later: int) -> None:
    """No worker was up for a while, or the trash is kept for fewer days than before."""
    monkeypatch.setattr(db, "keyspace", keyspace)
    task = client.make()
    client.delete(f"/tasks/{task['task_id']}").ok()
    assert Purger(Settings(trash_days=days)).purge(clock.now() + timedelta(days=later)) >= 1
    assert task["task_id"] not in _ids(client, trash="true")


def test_one_that_cannot_be_removed_does_not_keep_the_others(client: Client, purger: Purger, session: Any,
                                                             keyspace: str) -> None:
    tasks = [client.make() for _ in range(12)]
    for task in tasks:
        client.delete(f"/tasks/{task['task_id']}").ok()
    broken = tasks[0]
    where = f"WHERE task_id = {broken['task_id']} AND version = 2"
    right = session.execute(f"SELECT diff FROM {keyspace}.tasks {where}").one()["diff"]
    session.execute(f"UPDATE {keyspace}.tasks SET diff = 'no JSON' {where}")
    at = clock.now() + TRASH
    for removed in (len(tasks) - 1, 0):
        assert purger.purge(at) >= removed
        assert {task["task_id"] for task in tasks} & _ids(client, trash="true") == {broken["task_id"]}
    session.execute(f"UPDATE {keyspace}.tasks SET diff = %s {where}", [right])
    assert purger.purge(at) == 1
    assert broken["task_id"] not in _ids(client, trash="true")


def test_a_project_goes_with_all_its_tasks(client: Client, purger: Purger) -> None:
    gone, kept = (client.post("/projects/", json={"name": name}).ok(201)["project_id"] for name in ("gone", "kept"))
    tasks = [client.make(title, project_id=project) for project in (gone, kept) for title in ("live", "trashed")]
    for task in tasks[1::2]:
        client.delete(f"/tasks/{task['task_id']}").ok()
    assert client.delete(f"/projects/{gone}").status == 204
    assert purger.purge_projects(clock.now() + TRASH - timedelta(minutes=1)) == 0
    assert gone in [each["project_id"] for each in client.walk("/projects/", trash="true")]
    assert purger.purge_projects(clock.now() + TRASH) == 1
    assert gone not in [each["project_id"] for each in client.walk("/projects/", trash="true")]
    client.post(f"/projects/{gone}/restore").problem(404, "not_found")
    for task in tasks[:2]:
        assert [change.kind for change in queries.history(_uuid(task))] == ["removed"]
    assert [each["task_id"] for each in client.walk(project=kept)] == [tasks[2]["task_id"]]
    assert purger.purge_projects(clock.now() + TRASH) == 0


def _ids(client: Client, **parameters: Any) -> set[str]:
    return {task["task_id"] for page in client.pages("/tasks/", limit=200, **parameters) for task in page}


def _uuid(task: dict[str, Any]) -> Any:
    return uuid.UUID(task["task_id"])
