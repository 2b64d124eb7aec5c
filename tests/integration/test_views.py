"""Saved views: filters and sort orders with a name, of a user or of a project.

Red when: a filter is kept that lists would refuse; a stranger sees a view, or a viewer changes a shared one.
"""

from typing import Any

import pytest

from tests.fixtures.accounts import Account, NewAccount, register
from tests.fixtures.client import Client
from tests.fixtures.service import NewService


@pytest.fixture(scope="module")
def project(ann: Account, bob: Account) -> str:
    """Make a project of Ann, in which Bob is a viewer."""
    made = ann.client.post("/projects/", json={"name": "Shared"}).ok(201)["project_id"]
    ann.client.put(f"/projects/{made}/members/{bob.user['id']}", json={"role": "viewer"}).ok(201)
    return str(made)


def names(client: Client, **parameters: Any) -> list[str]:
    return sorted(each["name"] for each in client.walk("/views/", **parameters))


def test_a_view_from_its_creation_to_its_end(new_account: NewAccount) -> None:
    client = new_account("Vera").client
    body = {"name": "Soon", "filter": "due_date < now+7d && assignees has me", "sort": "due_date"}
    answer = client.post("/views/", json=body)
    made = answer.ok(201)
    path = f"/views/{made['view_id']}"
    assert answer.headers["Location"] == path
    assert made == {**body, "view_id": made["view_id"], "project_id": None, "created_at": made["created_at"],
                    "updated_at": made["created_at"], "version": 1}
    assert client.get(path).ok() == made
    assert client.get(path, headers={"If-None-Match": '"1"'}).status == 304
    # It can be asked for as it is.
    client.get("/tasks/", filter=made["filter"], sort=made["sort"]).ok()
    changed = client.patch(path, json={"name": "Later", "filter": None}, headers={"If-Match": '"1"'}).ok()
    assert changed == {**made, "name": "Later", "filter": "", "version": 2, "updated_at": changed["updated_at"]}
    client.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    assert client.patch(path, json=changed).ok() == changed
    assert client.walk("/views/") == [changed]
    client.delete(path, headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    assert client.delete(path).status == 204
    client.get(path).problem(404, "not_found")
    client.delete(path).problem(404, "not_found")
    assert client.walk("/views/") == []


def test_views_are_their_users_or_their_projects(ann: Account, bob: Account, project: str) -> None:
    mine = ann.client.post("/views/", json={"name": "mine"}).ok(201)
    shared = ann.client.post("/views/", json={"name": "shared", "project_id": project}).ok(201)
    path = f"/views/{shared['view_id']}"
    assert names(ann.client, limit=1) == ["mine", "shared"]
    assert names(bob.client) == ["shared"]
    assert bob.client.get(path).ok() == shared
    bob.client.patch(path, json={"name": "x"}).problem(403, "insufficient_role")
    bob.client.get(f"/views/{mine['view_id']}").problem(404, "not_found")
    bob.client.patch(f"/views/{mine['view_id']}", json={"name": "x"}).problem(404, "not_found")
    bob.client.post("/views/", json={"name": "x", "project_id": project}).problem(403, "insufficient_role")
    # What is shared can be taken back, and is then its first user's.
    ann.client.patch(path, json={"project_id": None}).ok()
    assert names(bob.client) == []
    bob.client.get(path).problem(404, "not_found")
    assert names(ann.client) == ["mine", "shared"]


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "/name"), ({"name": ""}, "/name"), ({"name": "x", "filter": "status ="}, "/filter"),
    ({"name": "x", "filter": 7}, "/filter"), ({"name": "x", "filter": "x" * 1025}, "/filter"),
    ({"name": "x", "sort": "name"}, "/sort"), ({"name": "x", "project_id": "mine"}, "/project_id"),
    ({"name": "x", "colour": "red"}, "/colour")])
def test_a_bad_view_is_refused(ann: Account, body: Any, pointer: str) -> None:
    problem = ann.client.post("/views/", json=body).problem(422, "invalid", pointer)
    if body.get("filter") == "status =":
        assert problem["errors"][0]["column"] == 9


def test_there_are_so_many_views_and_no_more(new_service: NewService) -> None:
    service = new_service(TASKAPP_AUTH="token", TASKAPP_MAX_VIEWS=2, TASKAPP_RATE_LOGIN="1000/minute")
    client = register(service.url).client
    for name in ("one", "two"):
        client.post("/views/", json={"name": name}).ok(201)
    client.post("/views/", json={"name": "three"}).problem(409, "quota_exceeded")
    assert client.delete(f"/views/{client.walk('/views/')[0]['view_id']}").status == 204
    client.post("/views/", json={"name": "three"}).ok(201)
