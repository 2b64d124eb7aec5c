"""Conditions are read exactly, and never ignored."""

import pytest

from tests.fixtures.client import Client

MEMBERS = {"title": "made"}


@pytest.mark.parametrize("tag", ['"*"', 'W/"1"', '"01"', '"1 "', '"a,b"'])
def test_a_tag_that_is_not_the_version_never_matches(client: Client, tag: str) -> None:
    task = client.make()
    client.patch(f"/tasks/{task['task_id']}", json={"priority": 3}, headers={"If-Match": tag}).problem(
        400 if tag == '"1 "' else 412)
    assert client.read(task) == task


@pytest.mark.parametrize("tags", ['"1"', ', "1"', '"7", "1",', '"a,b", "1"', "*"])
def test_lists_of_tags_are_read(client: Client, tags: str) -> None:
    task = client.make()
    client.patch(f"/tasks/{task['task_id']}", json={"priority": 3}, headers={"If-Match": tags}).ok()


def test_conditions_that_a_route_does_not_read_are_refused(client: Client) -> None:
    task = client.make()
    path = f"/tasks/{task['task_id']}"
    client.patch(path, json={"priority": 1}, headers={"If-None-Match": "*"}).problem(400, "bad_header")
    client.post("/tasks/", json=MEMBERS, headers={"If-Match": '"1"'}).problem(400, "bad_header")
    client.get(path, headers={"If-Match": '"1"'}).problem(400, "bad_header")
    client.put(path, json=MEMBERS, headers={"If-Match": '"1"', "If-None-Match": "*"}).problem(400, "bad_header")
    client.post("/tasks/", json=MEMBERS, headers={"Consistency-Level": "BOGUS"}).problem(400, "bad_header")
    assert client.read(task) == task


def test_server_owned_members_of_a_task_to_be_made(client: Client) -> None:
    task_id = "5b4e1d8c-6f37-4f0e-8f8e-2f6c9a1d7e11"
    path, once = f"/tasks/{task_id}", {"If-None-Match": "*"}
    client.post("/tasks/", json={**MEMBERS, "version": 1}).problem(422, "read_only", "/version")
    client.put(path, json={**MEMBERS, "created_at": "2026-01-01T00:00:00.000Z"}, headers=once
               ).problem(422, "read_only", "/created_at")
    assert client.put(path, json={**MEMBERS, "task_id": task_id}, headers=once).ok(201)["task_id"] == task_id


@pytest.mark.parametrize("nobody", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_the_nil_and_the_max_uuid_are_no_ids(client: Client, nobody: str) -> None:
    client.put(f"/tasks/{nobody}", json=MEMBERS, headers={"If-None-Match": "*"}).problem(422, "invalid", "/task_id")


def test_ids_go_with_no_order_and_no_page(client: Client) -> None:
    task = client.make()
    for name, value in (("limit", "1"), ("sort", "due_date"), ("cursor", "x")):
        client.get("/tasks/", ids=task["task_id"], **{name: value}).problem(422, "invalid", name)
