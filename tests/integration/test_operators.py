"""`taskapp user` and `taskapp project`: what operators see and do behind the API.

Red when: a disabled user gets in; an administrator who is none any more keeps a token's scopes; a purged project leaves
a task.
"""

import json
import uuid
from typing import Any

import pytest

from tests.fixtures.accounts import PASSWORD, Account, NewAccount
from tests.fixtures.client import Client
from tests.fixtures.command import Command, Done, well
from tests.fixtures.service import Service, until


def lines(done: Done) -> list[dict[str, Any]]:
    """Expect exit code 0 and a JSON object per line."""
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def project(ann: Account, bob: Account) -> str:
    made = ann.client.post("/projects/", json={"name": "Launch"}).ok(201)["project_id"]
    ann.client.put(f"/projects/{made}/members/{bob.user['id']}", json={"role": "viewer"}).ok(201)
    return str(made)


def test_users_are_listed_and_shown(command: Command, keyspace: str, ann: Account, bob: Account, project: str) -> None:
    found = {each["id"]: each for each in lines(command(keyspace, "user", "list", "--json"))}
    assert found[ann.user["id"]] == {
        "id": ann.user["id"], "email": ann.email, "name": "Ann", "admin": False, "disabled": False,
        "created_at": ann.user["created_at"]}
    for who in (bob.user["id"], bob.email.upper()):
        shown = well(command(keyspace, "user", "show", who, "--json"))
        assert shown == {**found[bob.user["id"]], "projects": [
            {"project_id": project, "name": "Launch", "role": "viewer", "in_trash": False}]}
    assert project in command(keyspace, "user", "show", bob.email).stdout


def test_a_disabled_user_is_out_until_enabled(command: Command, keyspace: str, new_account: NewAccount,
                                              token_service: Service) -> None:
    dan = new_account("Dan")
    anybody = Client(token_service.url)
    assert well(command(keyspace, "user", "disable", dan.email, "--json"))["disabled"] is True
    until(lambda: dan.client.get("/users/me").status == 401, 10, "a disabled user's token is good")
    anybody.post("/tokens/", json={"email": dan.email, "password": PASSWORD}).problem(401, "unauthorized")
    assert "(disabled)" in command(keyspace, "user", "list").stdout
    assert well(command(keyspace, "user", "enable", dan.user["id"], "--json"))["disabled"] is False
    anybody.post("/tokens/", json={"email": dan.email, "password": PASSWORD}).ok(201)
    assert dan.client.get("/users/me").status == 401


def test_administrators_are_made_and_unmade(command: Command, keyspace: str, new_account: NewAccount,
                                            token_service: Service) -> None:
    eve = new_account("Eve")
    assert well(command(keyspace, "user", "set-admin", eve.email, "--json"))["admin"] is True
    token = Client(token_service.url).post("/tokens/", json={"email": eve.email, "password": PASSWORD}).ok(201)
    admin = Client(token_service.url, {"Authorization": f"Bearer {token['token']}"})
    admin.get("/users/", limit=1).ok()
    assert well(command(keyspace, "user", "set-admin", eve.email, "--no", "--json"))["admin"] is False
    until(lambda: admin.get("/users/", limit=1).status == 401, 10, "still an administrator")


def test_projects_are_listed_restored_and_purged(command: Command, keyspace: str, ann: Account, bob: Account,
                                                 project: str) -> None:
    kept, gone = (ann.client.make(title, project_id=project) for title in ("kept", "in the trash"))
    ann.client.delete(f"/tasks/{gone['task_id']}").ok()
    shown = well(command(keyspace, "project", "show", project, "--json"))
    assert (shown["name"], shown["deleted_at"]) == ("Launch", None)
    assert shown["members"] == {ann.user["id"]: "admin", bob.user["id"]: "viewer"}
    assert project in [each["project_id"] for each in lines(command(keyspace, "project", "list", "--json"))]
    for refused in ("restore", "purge"):
        done = command(keyspace, "project", refused, project)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert ann.client.delete(f"/projects/{project}").status == 204
    assert project in command(keyspace, "project", "list", "--trash").stdout
    assert well(command(keyspace, "project", "restore", project, "--json"))["deleted_at"] is None
    until(lambda: ann.client.get(f"/tasks/{kept['task_id']}").status == 200, 10, "the task is not back")
    assert ann.client.delete(f"/projects/{project}").status == 204
    purged = well(command(keyspace, "project", "purge", project, "--yes", "--json"))
    assert purged == {"project_id": project, "tasks": 2}
    ann.client.post(f"/projects/{project}/restore").problem(404, "not_found")
    assert ann.client.walk("/projects/", trash="true") == []
    assert command(keyspace, "project", "show", project).returncode == 1
    for task in (kept, gone):
        ann.client.put(f"/tasks/{task['task_id']}", json={"title": "x"},
                       headers={"If-None-Match": "*"}).problem(409, "removed")


def test_a_demo_is_a_project_with_a_past(command: Command, keyspace: str, new_account: NewAccount) -> None:
    cara = new_account("Cara")
    made = well(command(keyspace, "demo", "--for", cara.email, "--tasks", "25", "--json"))
    project = cara.client.get(f"/projects/{made['project_id']}").ok()
    assert (project["name"], project["role"]) == ("Spring launch", "admin")
    members = cara.client.get(f"/projects/{made['project_id']}/members/").ok()
    assert sorted(each["role"] for each in members) == ["admin", "admin", "editor", "editor", "viewer"]
    tasks = cara.client.walk(project=made["project_id"])
    trash = cara.client.walk(project=made["project_id"], trash="true")
    assert len(tasks) + len(trash) == 25
    assert {each["status"] for each in tasks} > {"pending", "completed"}
    assert len({each["created_at"][:10] for each in tasks}) > 5
    assert len(cara.client.walk("/views/")) == 3
    done = command(keyspace, "demo", TASKAPP_AUTH="token")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr


@pytest.mark.parametrize("arguments", [
    ("user", "show", "nobody@example.com"), ("user", "disable", str(uuid.uuid4())),
    ("project", "show", str(uuid.uuid4())), ("project", "purge", str(uuid.uuid4()), "--yes")])
def test_what_is_not_there_is_one_line(command: Command, keyspace: str, service: Service, arguments: tuple[str, ...]
                                       ) -> None:
    done = command(keyspace, *arguments)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
