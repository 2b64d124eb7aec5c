"""A worker dies between truth and projections, at that very line: lists agree again within ten seconds.

Negative control: with `TASKAPP_SWEEP_INTERVAL=0` nobody finishes the change, and the lists stay as they were
(`test_without_a_sweeper_nobody_finishes`).
"""

import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.fixtures.client import Client
from tests.fixtures.service import COMMAND, NewService, Service, until

AGREE_SECONDS = 10
MORTAL = [*COMMAND[:-1], "tests.chaos.dying_wsgi:app"]


class Mortal:
    """A service whose worker dies at the next change, when it is told to."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.client, self._orders = Client(service.url), folder

    def dies_at(self, method: str, path: str, **given: Any) -> None:
        """Send a request that the worker does not survive."""
        self._orders.write_bytes(b"x")
        with pytest.raises(urllib3.exceptions.HTTPError):
            self.client.send(method, path, **given)
        assert not self._orders.read_bytes()

    def listed(self, task: dict[str, Any], **parameters: Any) -> list[dict[str, Any]]:
        """Find a task in a list, in whatever rows it has."""
        try:
            return [each for page in self.client.pages("/tasks/", limit=200, **parameters) for each in page
                    if each["task_id"] == task["task_id"]]
        except urllib3.exceptions.HTTPError:
            # The worker that had this connection is the one that died.
            return []


@pytest.fixture
def mortal(make_service: NewService, new_keyspace: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Run such a service; the marker's keywords are its settings."""
    orders = tmp_path / "orders"
    orders.touch()
    extra = getattr(request, "param", {})
    service = make_service(TASKAPP_CASSANDRA_KEYSPACE=new_keyspace(), DIE_FILE=orders, **extra)
    service.command = MORTAL
    with service:
        yield Mortal(service, orders)


def test_change_is_finished(mortal: Mortal) -> None:
    task = mortal.client.make("before", due_date="2027-01-01T00:00:00Z")
    mortal.dies_at("PATCH", f"/tasks/{task['task_id']}", json={
        "title": "after", "status": "completed", "due_date": "2028-01-01T00:00:00Z"})
    truth = until(lambda: _read(mortal, task), AGREE_SECONDS, "nobody serves")
    assert truth["version"] == 2

    def agree() -> bool:
        # By due date the row moved: exactly one must be left.
        return (mortal.listed(task) == [truth] and mortal.listed(task, sort="due_date") == [truth]
                and mortal.listed(task, status="pending") == [] and mortal.listed(task, status="completed") == [truth])

    until(agree, AGREE_SECONDS, lambda: f"{mortal.listed(task)} and {mortal.listed(task, sort='due_date')}")


def test_removal_is_finished(mortal: Mortal) -> None:
    task = mortal.client.make("to be removed")
    mortal.dies_at("DELETE", f"/tasks/{task['task_id']}?permanent=true")
    until(lambda: not mortal.listed(task) and not mortal.listed(task, sort="due_date"), AGREE_SECONDS,
          "a removed task is listed")
    mortal.client.get(f"/tasks/{task['task_id']}").problem(404)


def test_expiry_is_finished_though_the_task_is_over_by_then(mortal: Mortal) -> None:
    task = mortal.client.make("to be over")
    mortal.dies_at("PATCH", f"/tasks/{task['task_id']}", json={"expires_in": 2})

    def finished() -> bool:
        try:
            kinds = [event["kind"] for event in mortal.client.walk("/users/me/events")]
        except urllib3.exceptions.HTTPError:
            return False
        return kinds == ["expired", "updated", "created"] and not mortal.listed(task)

    until(finished, AGREE_SECONDS, "the list has a task that is over, or an event is missing")


def test_creation_under_an_own_id_is_finished(mortal: Mortal) -> None:
    task_id = "7d0c4b1e-4a64-4c0b-9a3e-0f4d9f1d2c3b"
    mortal.dies_at("PUT", f"/tasks/{task_id}", json={"title": "mine"}, headers={"If-None-Match": "*"})
    until(lambda: mortal.listed({"task_id": task_id}), AGREE_SECONDS, "the task is not listed")


def test_repeat_with_the_key_finds_its_change(mortal: Mortal) -> None:
    task = mortal.client.make("before")
    path, body, key = f"/tasks/{task['task_id']}", {"title": "after"}, {"Idempotency-Key": "the-worker-died"}
    mortal.dies_at("PATCH", path, json=body, headers=key)

    def repeated() -> Any:
        answer = mortal.client.patch(path, json=body, headers=key)
        return answer if answer.status != 409 else None

    answer = until(repeated, 30, "the key stays in flight")
    assert answer.ok()["version"] == 2
    assert [change["version"] for change in mortal.client.get(f"{path}/history").ok()] == [2, 1]


@pytest.mark.parametrize("mortal", [{"TASKAPP_SWEEP_INTERVAL": "0"}], indirect=True)
def test_without_a_sweeper_nobody_finishes(mortal: Mortal) -> None:
    task = mortal.client.make("before")
    mortal.dies_at("PATCH", f"/tasks/{task['task_id']}", json={"title": "after"})
    until(lambda: _read(mortal, task), AGREE_SECONDS, "nobody serves")
    # As long as the sweeper would have had.
    end = time.monotonic() + AGREE_SECONDS
    while time.monotonic() < end:
        assert [row["title"] for row in mortal.listed(task)] in (["before"], [])
        time.sleep(0.5)


def _read(mortal: Mortal, task: dict[str, Any]) -> Any:
    try:
        return mortal.client.read(task)
    except urllib3.exceptions.HTTPError:
        return None
