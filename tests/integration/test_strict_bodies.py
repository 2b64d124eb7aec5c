"""Types are strict, unknown members are named, and the service's own members stay its own (api.md, Exactly)."""

import uuid
from typing import Any

import pytest

from tests.fixtures.client import Client

# member: values that are refused at that member
BAD: dict[str, list[Any]] = {
    "title": [None, 3, True, [], {}, "", "a\nb", "a\u2028b", "t" * 501],
    "description": [3, True, [], {}, "d" * 16_385],
    "status": ["done", "Pending", "", 1, True, [], {}],
    "priority": ["3", True, 3.0, 3.5, -1, 6, 10**30, [], {}],
    "due_date": ["tomorrow", "2027-1-15", "2027-02-30", "", 1700000000, True, [], {}, "2027-02-30T00:00:00Z"],
    "all_day": ["yes", 1, 0, [], {}],
    "labels": ["ops", 3, True, {"x": 1}, [3], [None], [""], ["l" * 65], ["a\nb"], [f"l{index}" for index in range(51)],
               [["a"]]],
    "assignees": ["me", 3, [3], ["x"], ["5b6a7a5e-35f0-4a3c-9d51-0d1d0e6e7a11"]],
    "parent_id": ["x", 3, True, [], "5b6a7a5e-35f0-4a3c-9d51-0d1d0e6e7a11"],
    "project_id": ["x", 3, True, []],
    "metadata": ["x", 3, [], {"k": 3}, {"k": True}, {"k": {}}, {"": "v"}, {"k" * 65: "v"}, {"k": "v" * 1025},
                 {f"k{index}": "v" for index in range(51)}]}
CASES = [(member, value) for member, values in BAD.items() for value in values]


def under(pointer: str, member: str) -> bool:
    return pointer == f"/{member}" or pointer.startswith(f"/{member}/")


@pytest.mark.parametrize(("member", "value"), CASES, ids=[f"{member}-{str(value)[:20]}" for member, value in CASES])
def test_422_at_the_member(client: Client, member: str, value: object) -> None:
    body = {"title": "x", member: value}
    made = client.make()
    path = f"/tasks/{made['task_id']}"
    for answer in (client.post("/tasks/", json=body), client.put(path, json=body), client.patch(path, json=body)):
        problem = answer.problem(422, "invalid")
        assert all(under(error["pointer"], member) for error in problem["errors"]), problem
    assert client.read(made) == made


@pytest.mark.parametrize("body", [None, [], "text", 3, True, [{"title": "x"}]])
def test_a_body_is_an_object(client: Client, body: object) -> None:
    client.post("/tasks/", json=body).problem(422, "invalid", "")


def test_what_is_missing_and_what_is_unknown_is_named(client: Client) -> None:
    client.post("/tasks/", json={}).problem(422, "invalid", "/title")
    client.post("/tasks/", json={"title": "x", "titel": "y", "a/b": 1}).problem(422, "invalid", "/titel", "/a~1b")
    client.post("/tasks/", json={"title": "x", "version": 1}).problem(422, None, "/version")
    client.post("/tasks/", json={"title": "x", "deleted_at": None}).problem(422, "invalid", "/deleted_at")
    client.patch(f"/tasks/{client.make()['task_id']}", json={"nope": None}).problem(422, "invalid", "/nope")


def test_every_error_is_told_at_once(client: Client) -> None:
    body = {"priority": "3", "status": "x", "labels": [1, "ok", 2]}
    where = ("/title", "/priority", "/status", "/labels/0", "/labels/2")
    client.post("/tasks/", json=body).problem(422, "invalid", *where)


@pytest.mark.parametrize(("body", "pointer"), [
    (b'{"title":"a\\u0000b"}', "/title"), (b'{"title":"\\ud800"}', "/title"), (b'{"title":"x","labels":["\\udfff"]}',
                                                                         "/labels/0"),
    (b'{"title":"x","metadata":{"k":"\\u0000"}}', "/metadata/k")])
def test_nul_and_lone_surrogates(client: Client, body: bytes, pointer: str) -> None:
    client.post("/tasks/", body=body, headers={"Content-Type": "application/json"}).problem(422, "invalid", pointer)


def test_depth(client: Client) -> None:
    for depth in (17, 5_000, 400_000):
        body = b'{"title":"x","metadata":' + b"[" * depth + b"]" * depth + b"}"
        client.post("/tasks/", body=body, headers={"Content-Type": "application/json"}).problem(422, "invalid")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5_000, "1" + "0" * 20, "3.0", "3e0"])
def test_numbers_beyond_reason(client: Client, number: str) -> None:
    body = f'{{"title":"x","priority":{number}}}'.encode()
    client.post("/tasks/", body=body, headers={"Content-Type": "application/json"}).problem(422, "invalid", "/priority")


def test_metadata_whose_names_are_one_after_nfc_loses_nothing(client: Client) -> None:
    body = '{"title":"x","metadata":{"\u00e9":"1","e\u0301":"2"}}'.encode()
    answer = client.post("/tasks/", body=body, headers={"Content-Type": "application/json"})
    assert answer.status in (400, 422), answer.text


OWN = ["task_id", "created_by", "created_at", "updated_at", "completed_at", "expires_at", "version"]


@pytest.mark.parametrize("name", OWN)
def test_members_of_the_service_are_read_only(client: Client, name: str) -> None:
    made = client.make()
    path = f"/tasks/{made['task_id']}"
    for other in ("2001-01-01T00:00:00.000Z", 77, str(uuid.uuid4()), True):
        for answer in (client.put(path, json={"title": "x", name: other}), client.patch(path, json={name: other})):
            answer.problem(422, "read_only", f"/{name}")
    assert client.read(made) == made


def test_a_body_where_none_is_taken(client: Client) -> None:
    path = f"/tasks/{client.make()['task_id']}"
    client.patch(path, json={"title": "changed"})
    client.post(f"{path}/undo", json={"x": 1}).problem(422, "invalid")
    assert client.post(f"{path}/undo", json={}).ok()["title"] == "A task"


def test_a_task_is_no_part_of_itself(client: Client) -> None:
    top = client.make()
    middle = client.make(parent_id=top["task_id"])
    low = client.make(parent_id=middle["task_id"])
    for parent in (top, middle, low):
        client.patch(f"/tasks/{top['task_id']}", json={"parent_id": parent["task_id"]}
                     ).problem(422, "invalid", "/parent_id")
    client.delete(f"/tasks/{low['task_id']}").ok()
    client.patch(f"/tasks/{client.make()['task_id']}", json={"parent_id": low["task_id"]}
                 ).problem(422, "invalid", "/parent_id")
