"""PUT, PATCH and their conditions (api.md, Writes)."""

import uuid
from typing import Any

import pytest

from tests.fixtures.client import Client, Task

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
FULL: dict[str, Any] = {
    "title": "Full", "description": "d", "status": "in_progress", "due_date": "2027-01-15T12:00:00.000Z", "priority": 3,
    "labels": ["a", "b"], "metadata": {"k": "v", "l": "w"}}


def path(task: Task) -> str:
    return f"/tasks/{task['task_id']}"


def test_put_replaces_the_four_and_keeps_what_it_was_not_sent(client: Client) -> None:
    made = client.make(**FULL)
    new = client.put(path(made), json={"title": "Put"}).ok()
    reset = {"title": "Put", "description": None, "status": "pending", "due_date": None}
    assert new == {**made, **reset, "version": 2, "updated_at": new["updated_at"]}
    assert client.read(made) == new


def test_put_replaces_every_other_member_that_is_sent(client: Client) -> None:
    made = client.make(**FULL)
    sent = {"title": "Put", "priority": 1, "labels": ["c"], "metadata": {"x": "y"}}
    new = client.put(path(made), json=sent).ok()
    assert {name: new[name] for name in sent} == sent


def test_put_needs_a_title(client: Client) -> None:
    client.put(path(client.make()), json={"status": "pending"}).problem(422, "invalid", "/title")


def test_an_edited_get_can_be_sent_back(client: Client) -> None:
    made = client.make(**FULL)
    new = client.put(path(made), json={**client.read(made), "title": "Edited"}).ok()
    assert new == {**made, "title": "Edited", "version": 2, "updated_at": new["updated_at"]}
    new = client.patch(path(made), json={**new, "priority": 4}).ok()
    assert (new["priority"], new["version"]) == (4, 3)


@pytest.mark.parametrize("headers", [{}, MERGE_PATCH])
def test_patch_changes_what_is_sent(client: Client, headers: dict[str, str]) -> None:
    made = client.make(**FULL)
    new = client.patch(path(made), json={"status": "cancelled"}, headers=headers).ok()
    assert new == {**made, "status": "cancelled", "version": 2, "updated_at": new["updated_at"]}


def test_null_takes_away(client: Client) -> None:
    made = client.make(**FULL)
    members = ["description", "status", "due_date", "priority", "labels", "metadata"]
    new = client.patch(path(made), json=dict.fromkeys(members)).ok()
    assert {name: new[name] for name in members} == {
        "description": None, "status": "pending", "due_date": None, "priority": 0, "labels": [], "metadata": {}}
    client.patch(path(made), json={"title": None}).problem(422, "invalid", "/title")


def test_metadata_is_merged(client: Client) -> None:
    made = client.make(**FULL)
    new = client.patch(path(made), json={"metadata": {"k": None, "m": "new"}}).ok()
    assert new["metadata"] == {"l": "w", "m": "new"}


def test_sets_are_replaced_or_changed(client: Client) -> None:
    made = client.make(labels=["a", "b"])
    assert client.patch(path(made), json={"labels": ["x"]}).ok()["labels"] == ["x"]
    assert client.patch(path(made), json={"labels": {"add": ["y", "z"]}}).ok()["labels"] == ["x", "y", "z"]
    assert client.patch(path(made), json={"labels": {"remove": ["x", "none"]}}).ok()["labels"] == ["y", "z"]
    assert client.patch(path(made), json={"labels": {"add": ["q"], "remove": ["z"]}}).ok()["labels"] == ["q", "y"]
    user = made["created_by"]
    assert client.patch(path(made), json={"assignees": {"add": [user]}}).ok()["assignees"] == [user]
    assert client.patch(path(made), json={"assignees": {"remove": [user]}}).ok()["assignees"] == []


def test_a_change_of_nothing_makes_no_version(client: Client) -> None:
    made = client.make(**FULL)
    four = {name: made[name] for name in ("title", "description", "status", "due_date")}
    for answer in (client.patch(path(made), json={}), client.patch(path(made), json={"title": "Full"}),
                   client.patch(path(made), json={"labels": {"add": ["a"]}}), client.put(path(made), json=four),
                   client.put(path(made), json=made), client.patch(path(made), json={"metadata": {"none": None}})):
        assert answer.ok() == made
        assert answer.etag == '"1"'
    assert len(client.get(f"{path(made)}/history").ok()) == 1


# -- Conditions

STALE, CURRENT = ['"1"', '"3"', 'W/"2"', '"1", "3"', '"x"'], ['"2"', "*", '"1", "2"', 'W/"9", "2"']


@pytest.fixture
def second(client: Client) -> Task:
    """A task at version 2."""
    made = client.make()
    task: Task = client.patch(path(made), json={"priority": 2}).ok()
    return task


@pytest.mark.parametrize("tags", STALE)
def test_if_match_of_another_version_is_412_and_nothing_is_stored(client: Client, second: Task, tags: str) -> None:
    headers = {"If-Match": tags}
    answers = [client.put(path(second), json={"title": "lost"}, headers=headers),
               client.patch(path(second), json={"title": "lost"}, headers=headers),
               client.delete(path(second), headers=headers), client.post(f"{path(second)}/undo", headers=headers),
               client.delete(path(second) + "?permanent=true", headers=headers)]
    for answer in answers:
        problem = answer.problem(412, "version_conflict")
        assert problem["current_version"] == 2
    assert client.read(second) == second
    assert len(client.get(f"{path(second)}/history").ok()) == 2


@pytest.mark.parametrize("tags", CURRENT)
def test_if_match_of_the_current_version(client: Client, second: Task, tags: str) -> None:
    answer = client.patch(path(second), json={"title": "won"}, headers={"If-Match": tags})
    assert (answer.ok()["version"], answer.etag) == (3, '"3"')


def test_if_match_of_a_missing_task_is_404(client: Client) -> None:
    missing = f"/tasks/{uuid.uuid4()}"
    client.patch(missing, json={"title": "x"}, headers={"If-Match": "*"}).problem(404, "not_found")


def test_the_condition_comes_before_nothing_changed(client: Client, second: Task) -> None:
    client.patch(path(second), json={}, headers={"If-Match": '"1"'}).problem(412, "version_conflict")


@pytest.mark.parametrize("tags", ['"2"', 'W/"2"', "*", '"1", "2"'])
def test_if_none_match_of_the_current_version_is_304(client: Client, second: Task, tags: str) -> None:
    answer = client.get(path(second), headers={"If-None-Match": tags})
    assert (answer.status, answer.data, answer.etag) == (304, b"", '"2"')


@pytest.mark.parametrize("tags", ['"1"', '"22"', '"x"'])
def test_if_none_match_of_another_version_is_the_task(client: Client, second: Task, tags: str) -> None:
    assert client.get(path(second), headers={"If-None-Match": tags}).ok() == second


# -- An id of the client's own

ONCE = {"If-None-Match": "*"}


def test_put_creates_with_the_clients_id_once(client: Client) -> None:
    to = f"/tasks/{uuid.uuid4()}"
    answer = client.put(to, json={"title": "Mine", "labels": ["a"]}, headers=ONCE)
    made = answer.ok(201)
    assert (answer.headers["Location"], answer.etag, made["version"]) == (to, '"1"', 1)
    assert client.get(to).ok() == made
    assert made in client.walk()
    problem = client.put(to, json={"title": "Again"}, headers=ONCE).problem(412, "already_exists")
    assert problem["detail"]
    assert client.get(to).ok() == made


def test_put_of_an_unknown_id_creates_nothing(client: Client) -> None:
    to = f"/tasks/{uuid.uuid4()}"
    client.put(to, json={"title": "x"}).problem(404, "not_found")
    client.get(to).problem(404)


def test_put_never_revives(client: Client) -> None:
    made = client.make()
    client.delete(path(made)).ok()
    client.put(path(made), json={"title": "x"}).problem(404, "not_found")
    client.put(path(made), json={"title": "x"}, headers=ONCE).problem(409, "in_trash")
    client.delete(path(made) + "?permanent=true").ok()
    client.put(path(made), json={"title": "x"}).problem(404, "not_found")
    client.put(path(made), json={"title": "x"}, headers=ONCE).problem(409, "removed")


def test_a_clients_id_must_be_one(client: Client) -> None:
    client.put("/tasks/mine", json={"title": "x"}, headers=ONCE).problem(404, "not_found")
    client.put(f"/tasks/{uuid.uuid4()}", json={"title": ""}, headers=ONCE).problem(422, "invalid", "/title")


def test_an_id_in_capitals_is_the_same_task(client: Client) -> None:
    made = client.make()
    assert client.get(f"/tasks/{made['task_id'].upper()}").ok() == made
