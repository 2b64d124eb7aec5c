"""Projects: what their members can do with them, and with the tasks in them.

Red when: a role allows more than it should; a removed member still reads after five seconds; two admins can leave at
once; a task that moves is missing from, or left in, a list; a deleted project's tasks can be reached, or do not return.
"""

import threading
import uuid
from typing import Any

import pytest

from tests.fixtures.accounts import Account, NewAccount, register
from tests.fixtures.client import Client
from tests.fixtures.service import NewService, Service, until

STRANGE = str(uuid.uuid4())


@pytest.fixture(scope="module")
def ada(new_account: NewAccount) -> Account:
    return new_account("Ada")


def make(client: Client, name: str = "Launch", **members: Any) -> str:
    return str(client.post("/projects/", json={"name": name, **members}).ok(201)["project_id"])


def add(admin: Client, project: str, account: Account, role: str = "editor") -> None:
    admin.put(f"/projects/{project}/members/{account.user['id']}", json={"role": role}).ok(201)


def titles(client: Client, project: str, **parameters: Any) -> list[str]:
    return [task["title"] for task in client.walk(project=project, **parameters)]


# -- The project itself

def test_a_project_from_its_creation_to_the_trash_and_back(ada: Account) -> None:
    client = ada.client
    answer = client.post("/projects/", json={"name": "Launch", "color": "#1F6feb"})
    made = answer.ok(201)
    path = f"/projects/{made['project_id']}"
    assert answer.headers["Location"] == path
    assert answer.etag == '"1"'
    assert made | {"created_at": None, "updated_at": None} == {
        "project_id": made["project_id"], "name": "Launch", "description": None, "color": "#1F6feb", "role": "admin",
        "inbox": False, "archived": False, "created_at": None, "updated_at": None, "version": 1}
    assert client.get(path).ok() == made
    assert client.get(path, headers={"If-None-Match": '"1"'}).status == 304
    changed = client.patch(path, json={"name": "Relaunch", "description": "Again", "archived": True},
                           headers={"If-Match": '"1"'}).ok()
    assert changed == {**made, "name": "Relaunch", "description": "Again", "archived": True, "version": 2,
                       "updated_at": changed["updated_at"]}
    client.patch(path, json={"name": "Lost"}, headers={"If-Match": '"1"'}).problem(412, "version_conflict")
    # An edited GET can be sent back; nothing changed makes no version.
    assert client.patch(path, json=changed).ok() == changed
    assert client.delete(path).status == 204
    for method in ("GET", "PATCH", "DELETE"):
        client.send(method, path, **({"json": {"name": "x"}} if method == "PATCH" else {})).problem(404, "not_found")
    assert made["project_id"] not in [each["project_id"] for each in client.walk("/projects/")]
    trashed, = (each for each in client.walk("/projects/", trash="true") if each["project_id"] == made["project_id"])
    assert trashed == {**changed, "version": 3, "updated_at": trashed["updated_at"],
                       "deleted_at": trashed["deleted_at"]}
    restored = client.post(f"{path}/restore").ok()
    assert restored == {**changed, "version": 4, "updated_at": restored["updated_at"]}
    client.post(f"{path}/restore").problem(409, "project_not_in_trash")


def test_the_list_begins_with_the_inbox_and_is_paged(new_account: NewAccount) -> None:
    client = new_account("Lisa").client
    names = [f"project {number}" for number in range(5)]
    made = [make(client, name) for name in names]
    client.patch(f"/projects/{made[1]}", json={"archived": True}).ok()
    assert [each["name"] for each in client.walk("/projects/")] == ["Inbox", *names]
    for limit in (1, 2, 3, 6):
        assert [each["name"] for each in client.walk("/projects/", limit=limit)] == ["Inbox", *names]
    assert [each["name"] for each in client.walk("/projects/", archived="true")] == [names[1]]
    assert [each["name"] for each in client.walk("/projects/", archived="false", limit=2)] == [
        "Inbox", names[0], *names[2:]]
    cursor = client.get("/projects/", limit=1).headers["Next-Cursor"]
    client.get("/projects/", cursor=cursor, archived="true").problem(422, "bad_cursor", "cursor")


def test_an_inbox_is_a_project_that_cannot_change(ada: Account, new_account: NewAccount) -> None:
    inbox = ada.client.walk("/projects/")[0]
    assert (inbox["name"], inbox["inbox"], inbox["role"], inbox["version"]) == ("Inbox", True, "admin", 1)
    path = f"/projects/{inbox['project_id']}"
    assert ada.client.get(path).ok() == inbox
    assert ada.client.make("in it")["project_id"] == inbox["project_id"]
    assert [each["role"] for each in ada.client.get(f"{path}/members/").ok()] == ["admin"]
    other = new_account("Otto")
    member = f"{path}/members/{other.user['id']}"
    for answer in (ada.client.patch(path, json={"name": "Mine"}), ada.client.delete(path),
                   ada.client.post(f"{path}/restore"), ada.client.put(member, json={"role": "viewer"}),
                   ada.client.delete(f"{path}/members/me")):
        answer.problem(409, "inbox")
    other.client.get(path).problem(404, "not_found")
    other.client.patch(path, json={"name": "Mine"}).problem(404, "not_found")


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 201}, "/name"), ({"name": "a\nb"}, "/name"),
    ({"name": 7}, "/name"), ({"name": "x", "color": "red"}, "/color"), ({"name": "x", "color": "#12345g"}, "/color"),
    ({"name": "x", "description": "x" * 2049}, "/description"), ({"name": "x", "archived": True}, "/archived"),
    ({"name": "x", "owner": "me"}, "/owner"), ([], "")])
def test_a_bad_project_is_refused(ada: Account, body: Any, pointer: str) -> None:
    ada.client.post("/projects/", json=body).problem(422, "invalid", pointer)


@pytest.mark.parametrize(("body", "code", "pointer"), [
    ({"archived": 1}, "invalid", "/archived"), ({"archived": None}, "invalid", "/archived"),
    ({"name": None}, "invalid", "/name"), ({"role": "viewer"}, "read_only", "/role"),
    ({"inbox": 0}, "read_only", "/inbox"), ({"version": 9}, "read_only", "/version"),
    ({"members": []}, "invalid", "/members")])
def test_a_bad_change_is_refused(ada: Account, body: Any, code: str, pointer: str) -> None:
    path = f"/projects/{make(ada.client)}"
    ada.client.patch(path, json=body).problem(422, code, pointer)
    assert ada.client.get(path).ok()["version"] == 1


def test_a_project_is_created_once_per_key(ada: Account) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = ada.client.post("/projects/", json={"name": "Once"}, headers=key)
    again = ada.client.post("/projects/", json={"name": "Once"}, headers=key)
    assert again.ok(201) == first.ok(201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [each["name"] for each in ada.client.walk("/projects/")].count("Once") == 1


# -- Members

def test_members_from_invitation_to_removal(ada: Account, bob: Account, token_service: Service) -> None:
    project = make(ada.client)
    members = f"/projects/{project}/members/"
    his = f"{members}{bob.user['id']}"
    bob.client.get(f"/projects/{project}").problem(404, "not_found")
    answer = ada.client.post(members, json={"email": bob.email.upper(), "role": "viewer"})
    assert answer.ok(201) == {"user_id": bob.user["id"], "name": "Bob", "role": "viewer"}
    assert answer.headers["Location"] == his
    assert bob.client.get(f"/projects/{project}").ok()["role"] == "viewer"
    assert ada.client.put(his, json={"role": "editor"}).ok()["role"] == "editor"
    assert bob.client.get(f"{members}me").ok()["role"] == "editor"
    found = sorted(ada.client.walk(members, limit=1), key=lambda each: str(each["name"]))
    assert [(each["name"], each["role"]) for each in found] == [("Ada", "admin"), ("Bob", "editor")]
    assert ada.client.get(f"/projects/{project}").ok()["version"] == 3
    assert bob.client.make("his", project_id=project)["project_id"] == project
    assert ada.client.delete(his).status == 204
    # On each of its workers, and on the lists.
    until(lambda: {bob.client.get("/tasks/", project=project, headers={"Connection": "close"}).status
                   for _ in range(12)} == {404}, 5, "a removed member still reads")
    bob.client.get(f"/projects/{project}").problem(404, "not_found")
    assert project not in [each["project_id"] for each in bob.client.walk("/projects/")]
    ada.client.get(his).problem(404, "not_found")
    ada.client.delete(his).problem(404, "not_found")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_anyone_may_leave_and_nobody_may_promote_themselves(ada: Account, bob: Account, role: str) -> None:
    project = make(ada.client)
    add(ada.client, project, bob, role)
    for user in (bob, ada):
        member = f"/projects/{project}/members/{user.user['id']}"
        bob.client.put(member, json={"role": "admin"}).problem(403, "insufficient_role")
    bob.client.delete(f"/projects/{project}/members/{ada.user['id']}").problem(403, "insufficient_role")
    bob.client.post(f"/projects/{project}/members/", json={"email": ada.email, "role": "viewer"}).problem(
        403, "insufficient_role")
    assert bob.client.delete(f"/projects/{project}/members/me").status == 204
    bob.client.get(f"/projects/{project}").problem(404, "not_found")


def test_who_cannot_be_a_member(ada: Account) -> None:
    project = make(ada.client)
    members = f"/projects/{project}/members/"
    ada.client.put(f"{members}{STRANGE}", json={"role": "viewer"}).problem(404, "not_found")
    ada.client.put(f"{members}nobody", json={"role": "viewer"}).problem(422, "invalid", "user_id")
    ada.client.post(members, json={"email": "nobody@example.com", "role": "viewer"}).problem(422, "invalid", "/email")
    ada.client.put(f"{members}me", json={"role": "owner"}).problem(422, "invalid", "/role")
    ada.client.put(f"{members}me", json={}).problem(422, "invalid", "/role")
    assert ada.client.get(f"/projects/{project}").ok()["version"] == 1


def test_an_admin_remains_whoever_leaves_at_the_same_time(ada: Account, bob: Account) -> None:
    for _ in range(5):
        project = make(ada.client)
        ada.client.delete(f"/projects/{project}/members/me").problem(409, "last_admin")
        ada.client.put(f"/projects/{project}/members/me", json={"role": "viewer"}).problem(409, "last_admin")
        add(ada.client, project, bob, "admin")
        found: list[int] = []
        ready = threading.Barrier(2)

        def leave(account: Account, project: str = project, found: list[int] = found,
                  ready: threading.Barrier = ready) -> None:
            ready.wait()
            found.append(account.client.delete(f"/projects/{project}/members/me").status)

        both = [threading.Thread(target=leave, args=(each,)) for each in (ada, bob)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert sorted(found) == [204, 409]
        left, = [each for each in (ada, bob) if each.client.get(f"/projects/{project}").status == 200]
        assert [each["role"] for each in left.client.get(f"/projects/{project}/members/").ok()] == ["admin"]


@pytest.fixture(scope="module")
def small(new_service: NewService) -> Service:
    """Run a service with small quotas."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_MAX_PROJECTS=2, TASKAPP_MAX_MEMBERS=2, TASKAPP_LOGIN_QUEUE=16,
                       TASKAPP_RATE_LOGIN="1000/minute")


def test_quotas(small: Service) -> None:
    ann, bob, cid = (register(small.url, name) for name in ("Ann", "Bob", "Cid"))
    first, second = make(ann.client), make(ann.client)
    ann.client.post("/projects/", json={"name": "third"}).problem(409, "quota_exceeded")
    add(ann.client, first, bob)
    ann.client.put(f"/projects/{first}/members/{cid.user['id']}", json={"role": "viewer"}).problem(
        409, "quota_exceeded")
    add(ann.client, second, bob)
    third = make(cid.client)
    problem = cid.client.post(f"/projects/{third}/members/", json={"email": bob.email, "role": "viewer"}).problem(
        409, "quota_exceeded")
    assert problem["detail"].startswith("The user is in 2 projects")
    # Another role for a member is no new one, and leaving makes room.
    ann.client.put(f"/projects/{first}/members/{bob.user['id']}", json={"role": "viewer"}).ok()
    assert bob.client.delete(f"/projects/{first}/members/me").status == 204
    add(cid.client, third, bob)


# -- The tasks in it

def test_a_task_moves_between_projects_in_one_change(ada: Account, bob: Account) -> None:
    one, two = make(ada.client), make(ada.client)
    add(ada.client, one, bob)
    task = ada.client.make("moving", project_id=one, due_date="2027-01-01T00:00:00Z", assignees=[bob.user["id"]])
    path = f"/tasks/{task['task_id']}"
    # Bob is not in the other project, which he may neither know of nor be assigned in.
    bob.client.patch(path, json={"project_id": two}).problem(404, "not_found")
    ada.client.patch(path, json={"project_id": two}).problem(422, "invalid", "/assignees")
    moved = ada.client.patch(path, json={"project_id": two, "assignees": []}).ok()
    assert (moved["project_id"], moved["version"]) == (two, 2)
    for sort in ("-created_at", "due_date"):
        assert (titles(ada.client, one, sort=sort), titles(ada.client, two, sort=sort)) == ([], ["moving"])
    bob.client.get(path).problem(404, "not_found")
    diff = ada.client.get(f"{path}/history").ok()[0]["diff"]
    assert diff == {"project_id": [one, two], "assignees": [[bob.user["id"]], []]}
    assert ada.client.post(f"{path}/undo").ok()["project_id"] == one
    assert (titles(ada.client, one), titles(ada.client, two)) == (["moving"], [])
    # A part of a task stays in its project, unless it becomes a task of its own.
    part = ada.client.make("part", project_id=one, parent_id=task["task_id"])
    ada.client.post("/tasks/", json={"title": "x", "project_id": two, "parent_id": task["task_id"]}).problem(
        422, "invalid", "/parent_id")
    ada.client.patch(f"/tasks/{part['task_id']}", json={"project_id": two}).problem(422, "invalid", "/parent_id")
    ada.client.patch(f"/tasks/{part['task_id']}", json={"project_id": two, "parent_id": None}).ok()


def test_a_viewer_reads_and_an_archived_project_is_kept_as_it_is(ada: Account, bob: Account) -> None:
    project = make(ada.client)
    task = ada.client.make("kept", project_id=project)
    path = f"/tasks/{task['task_id']}"
    add(ada.client, project, bob, "viewer")
    assert titles(bob.client, project) == ["kept"]
    bob.client.post("/tasks/", json={"title": "x", "project_id": project}).problem(403, "insufficient_role")
    bob.client.patch(path, json={"title": "x"}).problem(403, "insufficient_role")
    mine = bob.client.make("mine")
    bob.client.patch(f"/tasks/{mine['task_id']}", json={"project_id": project}).problem(403, "insufficient_role")
    ada.client.patch(f"/projects/{project}", json={"archived": True}).ok()
    # Each worker knows it within seconds.
    until(lambda: {ada.client.patch(path, json={"title": "x"}, headers={"Connection": "close"}).status
                   for _ in range(12)} == {409}, 5, "an archived project can be changed")
    ada.client.delete(path).problem(409, "project_archived")
    assert titles(bob.client, project) == [ada.client.get(path).ok()["title"]]


def test_a_deleted_project_takes_its_tasks_along_and_brings_them_back(ada: Account, bob: Account) -> None:
    project = make(ada.client)
    add(ada.client, project, bob)
    kept, gone = (ada.client.make(title, project_id=project) for title in ("kept", "gone before"))
    ada.client.delete(f"/tasks/{gone['task_id']}").ok()
    ada.client.delete(f"/projects/{project}")
    path = f"/tasks/{kept['task_id']}"
    for client in (ada.client, bob.client):
        until(lambda client=client: {client.get(path, headers={"Connection": "close"}).status  # type: ignore[misc]
                                     for _ in range(12)} == {404}, 5, "a task of a deleted project is read")
        client.get("/tasks/", project=project).problem(404, "not_found")
        client.post("/tasks/", json={"title": "x", "project_id": project}).problem(404, "not_found")
    # Only admins may restore it, or see that it is there.
    bob.client.post(f"/projects/{project}/restore").problem(404, "not_found")
    assert bob.client.walk("/projects/", trash="true") == []
    ada.client.post(f"/projects/{project}/restore").ok()
    until(lambda: {bob.client.get(path, headers={"Connection": "close"}).status for _ in range(12)} == {200}, 5,
          "a task of a restored project is not found")
    assert bob.client.get(path).ok() == kept
    assert (titles(bob.client, project), titles(bob.client, project, trash="true")) == (["kept"], ["gone before"])


def test_forbidden_and_missing_are_alike(ada: Account, bob: Account) -> None:
    project = make(ada.client)
    for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/members/"),
                         ("PUT", "/members/me")):
        there, nowhere = (
            bob.client.send(method, f"/projects/{each}{rest}", **(
                {"json": {"role": "viewer"} if method == "PUT" else {}} if method in ("PATCH", "PUT") else {}))
            for each in (project, STRANGE))
        assert there.status == 404
        assert {**there.json, "request_id": ""} == {**nowhere.json, "request_id": ""}
        assert set(there.headers) == set(nowhere.headers)


# -- All of one's projects

@pytest.mark.parametrize("sort", ["-created_at", "created_at", "due_date", "-due_date"])
def test_without_a_project_a_list_is_of_all_that_one_may_read(new_account: NewAccount, sort: str) -> None:
    ann, bob = new_account("Ann"), new_account("Bob")
    mine, shared, his = make(ann.client), make(bob.client), make(bob.client)
    add(bob.client, shared, ann, "viewer")
    places: list[tuple[Account, dict[str, str]]] = [
        (ann, {}), (ann, {"project_id": mine}), (bob, {"project_id": shared}), (bob, {"project_id": his}), (bob, {})]
    made = []
    for number in range(60):
        # Runs of tasks in one project, so that some lists are far ahead of others.
        account, where = places[number // 3 % len(places)]
        due = {"due_date": f"2027-01-{number * 7 % 28 + 1:02}"} if number % 4 else {}
        task = account.client.make(f"{number}", labels=["odd"] if number % 2 else [], **where, **due)
        if where.get("project_id") != his and (account is ann or where):
            made.append(task)
    for filtered, wanted in (({}, made), ({"label": "odd"}, [each for each in made if each["labels"]])):
        for limit in (1, 7, 50):
            found = ann.client.walk(sort=sort, limit=limit, **filtered)
            check_order(found, wanted, sort)
    ids = ",".join(each["task_id"] for each in made[:9])
    assert ann.client.get("/tasks/", ids=ids).ok() == made[:9]
    assert ann.client.delete(f"/projects/{shared}/members/me").status == 204
    rest = [each for each in made if each["project_id"] != shared]
    check_order(ann.client.walk(sort=sort, limit=7), rest, sort)


def check_order(found: list[dict[str, Any]], wanted: list[dict[str, Any]], sort: str) -> None:
    field, descending = sort.lstrip("-"), sort.startswith("-")
    parts = [[each for each in wanted if each[field]], [each for each in wanted if not each[field]]]
    keys = [sorted((each[key] for each in part), reverse=descending)
            for part, key in zip(parts, (field, "created_at"), strict=True)]
    assert [each[field] or each["created_at"] for each in found] == keys[0] + keys[1]
    assert sorted(each["task_id"] for each in found) == sorted(each["task_id"] for each in wanted)


def test_who_leaves_is_unassigned(ada: Account, bob: Account) -> None:
    project = make(ada.client)
    add(ada.client, project, bob)
    both = [ada.user["id"], bob.user["id"]]
    tasks = [ada.client.make(f"{number}", project_id=project, assignees=both) for number in range(5)]
    ada.client.delete(f"/tasks/{tasks[0]['task_id']}").ok()
    elsewhere = bob.client.make("mine", assignees=[bob.user["id"]])
    assert bob.client.delete(f"/projects/{project}/members/me").status == 204
    mine = {"assignee": bob.user["id"], "project": project}
    until(lambda: not ada.client.walk(**mine) and not ada.client.walk(trash="true", **mine), 30, "still assigned")
    assert [each["assignees"] for each in ada.client.walk(project=project)] == [[ada.user["id"]]] * 4
    newest = ada.client.get(f"/tasks/{tasks[1]['task_id']}/history").ok()[0]
    assert (newest["actor"], newest["diff"]) == (bob.user["id"], {"assignees": [sorted(both), [ada.user["id"]]]})
    assert bob.client.read(elsewhere) == elsewhere
