"""Trash, restore, removal for good, history and undo (api.md, Writes and Exactly)."""

from datetime import datetime
from typing import Any

import pytest

from tests.fixtures.client import Client, Task
from tests.fixtures.service import NewService

CHANGE = {"change_id", "task_id", "version", "at", "actor", "kind", "diff"}


def path(task: Task) -> str:
    return f"/tasks/{task['task_id']}"


def listed(client: Client, task: Task, **parameters: Any) -> Task | None:
    return next((each for each in client.walk(**parameters) if each["task_id"] == task["task_id"]), None)


@pytest.fixture
def trashed(client: Client) -> Task:
    made = client.make("Trashed", labels=["a"], due_date="2027-01-01T00:00:00.000Z")
    client.delete(path(made)).ok()
    return made


def test_delete_moves_to_the_trash(client: Client) -> None:
    made = client.make()
    assert client.delete(path(made)).ok() == {"message": "Task deleted successfully"}
    assert listed(client, made) is None
    assert listed(client, made, sort="due_date") is None
    found = listed(client, made, trash="true")
    assert found is not None
    assert found["version"] == 2
    assert datetime.fromisoformat(found["deleted_at"]) >= datetime.fromisoformat(made["created_at"])
    assert set(found) == {*made, "deleted_at"}


def test_a_task_in_the_trash_is_404_on_every_route_but_restore(client: Client, trashed: Task) -> None:
    to = path(trashed)
    for answer in (client.get(to), client.put(to, json={"title": "x"}), client.patch(to, json={"title": "x"}),
                   client.delete(to), client.get(f"{to}/history"), client.post(f"{to}/undo")):
        assert answer.problem(404, "not_found")["detail"] == "Task not found"


def test_restore_brings_all_of_it_back(client: Client, trashed: Task) -> None:
    answer = client.post(f"{path(trashed)}/restore")
    task = answer.ok()
    assert task == {**trashed, "version": 3, "updated_at": task["updated_at"]}
    assert answer.etag == '"3"'
    assert client.read(trashed) == listed(client, trashed) == listed(client, trashed, sort="due_date") == task
    assert listed(client, trashed, trash="true") is None


def test_restore_honours_if_match(client: Client, trashed: Task) -> None:
    client.post(f"{path(trashed)}/restore", headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    client.post(f"{path(trashed)}/restore", headers={"If-Match": '"2"'}).ok()


def test_a_live_task_cannot_be_restored(client: Client) -> None:
    client.post(f"{path(client.make())}/restore").problem(409, "not_in_trash")


@pytest.mark.parametrize("first_to_trash", [True, False])
def test_permanent_removes_for_good(client: Client, first_to_trash: bool) -> None:
    made = client.make(due_date="2027-01-01T00:00:00Z")
    if first_to_trash:
        client.delete(path(made)).ok()
    assert client.delete(path(made), permanent="true").ok() == {"message": "Task deleted successfully"}
    for answer in (client.get(path(made)), client.post(f"{path(made)}/restore"), client.delete(path(made)),
                   client.delete(path(made), permanent="true"), client.get(f"{path(made)}/history")):
        answer.problem(404, "not_found")
    for lists in ({}, {"trash": "true"}, {"sort": "due_date"}, {"sort": "due_date", "trash": "true"}):
        assert listed(client, made, **lists) is None
    assert client.get("/tasks/", ids=made["task_id"]).ok() == []


def test_permanent_is_true_or_false(client: Client) -> None:
    made = client.make()
    for value in ("yes", "1", "", "TRUE"):
        client.delete(path(made), permanent=value).problem(422, "invalid", "permanent")
    client.delete(path(made), permanent="false").ok()
    assert listed(client, made, trash="true")


# -- History

def test_history_is_newest_first_and_tells_each_field(client: Client) -> None:
    made = client.make("One", labels=["a"])
    client.patch(path(made), json={"title": "Two", "labels": {"add": ["b"]}}).ok()
    client.patch(path(made), json={"status": "completed", "due_date": "2027-01-15T12:00:00Z"}).ok()
    client.delete(path(made)).ok()
    last = client.post(f"{path(made)}/restore").ok()
    history = client.get(f"{path(made)}/history").ok()
    assert [change["version"] for change in history] == [5, 4, 3, 2, 1]
    assert [change["kind"] for change in history] == ["restored", "deleted", "updated", "updated", "created"]
    assert all(set(change) == CHANGE and change["task_id"] == made["task_id"] for change in history)
    assert all(change["actor"] == made["created_by"] for change in history)
    assert history[3]["diff"] == {"title": ["One", "Two"], "labels": [["a"], ["a", "b"]]}
    completed = history[2]["diff"]
    assert completed["status"] == ["pending", "completed"]
    assert completed["due_date"] == [None, "2027-01-15T12:00:00.000Z"]
    assert completed["completed_at"] == [None, last["completed_at"]]
    assert history[4]["diff"]["title"] == [None, "One"]
    assert history[0]["at"] == last["updated_at"]
    assert len({change["change_id"] for change in history}) == 5


def test_history_has_pages(client: Client) -> None:
    made = client.make()
    for number in range(11):
        client.patch(path(made), json={"title": f"Title {number}"}).ok()
    pages = list(client.pages(f"{path(made)}/history", limit=5))
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [change["version"] for page in pages for change in page] == list(range(12, 0, -1))
    assert [len(page) for page in client.pages(f"{path(made)}/history", limit=6)] == [6, 6]


def test_a_cursor_is_of_one_history(client: Client) -> None:
    made, other = client.make(), client.make()
    for task in (made, other):
        client.patch(path(task), json={"title": "x"}).ok()
    cursor = client.get(f"{path(made)}/history", limit=1).headers["Next-Cursor"]
    client.get(f"{path(other)}/history", cursor=cursor).problem(422, "bad_cursor", "cursor")
    client.get("/tasks/", cursor=cursor).problem(422, "bad_cursor", "cursor")
    client.get(f"{path(made)}/history", status="pending").problem(422, "invalid", "status")


# -- Undo

def test_undo_takes_the_last_change_back_as_a_new_version(client: Client) -> None:
    made = client.make("One", labels=["a"], metadata={"k": "v"}, due_date="2027-01-01T00:00:00.000Z")
    change = {"title": "Two", "labels": [], "metadata": {"k": None}, "due_date": None, "status": "completed",
              "priority": 5, "description": "d", "assignees": [made["created_by"]]}
    client.patch(path(made), json=change).ok()
    answer = client.post(f"{path(made)}/undo")
    task = answer.ok()
    assert task == {**made, "version": 3, "updated_at": task["updated_at"]}
    assert answer.etag == '"3"'
    assert client.read(made) == listed(client, made) == listed(client, made, sort="due_date") == task
    assert client.get(f"{path(made)}/history").ok()[0]["kind"] == "undone"


def test_undo_of_an_undo_does_it_again(client: Client) -> None:
    made = client.make("One")
    changed = client.patch(path(made), json={"title": "Two"}).ok()
    assert client.post(f"{path(made)}/undo").ok()["title"] == "One"
    again = client.post(f"{path(made)}/undo").ok()
    assert again == {**changed, "version": 4, "updated_at": again["updated_at"]}


def test_undo_of_the_creation_moves_to_the_trash(client: Client) -> None:
    made = client.make()
    answer = client.post(f"{path(made)}/undo")
    assert answer.ok()["version"] == 2
    client.get(path(made)).problem(404)
    assert listed(client, made, trash="true")
    assert client.post(f"{path(made)}/restore").ok()["version"] == 3


def test_undo_honours_if_match(client: Client) -> None:
    made = client.make("One")
    client.patch(path(made), json={"title": "Two"}).ok()
    client.post(f"{path(made)}/undo", headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    assert client.post(f"{path(made)}/undo", headers={"If-Match": '"2"'}).ok()["title"] == "One"


def test_undo_after_a_restore_moves_back_to_the_trash(client: Client, trashed: Task) -> None:
    client.post(f"{path(trashed)}/restore").ok()
    assert client.post(f"{path(trashed)}/undo").status == 200
    client.get(path(trashed)).problem(404)
    assert listed(client, trashed, trash="true")


def test_undo_of_a_restore_begins_a_new_stay_in_the_trash(client: Client, trashed: Task) -> None:
    first = listed(client, trashed, trash="true")
    client.post(f"{path(trashed)}/restore").ok()
    client.post(f"{path(trashed)}/undo").ok()
    second = listed(client, trashed, trash="true")
    assert first is not None
    assert second is not None
    assert second["deleted_at"] == second["updated_at"] > first["deleted_at"]


def test_changes_made_elsewhere_are_seen_at_once(client: Client, new_service: NewService) -> None:
    other = Client(new_service().url)
    made = client.make()
    assert other.read(made) == listed(other, made) == made
    new = other.patch(path(made), json={"title": "By another instance"}).ok()
    assert client.read(made) == listed(client, made) == new
    other.close()
