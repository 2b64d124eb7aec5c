"""How a task looks, and what an answer carries (api.md, Representations and Writes)."""

import re
import unicodedata
import uuid
from typing import Any

import pytest

from tests.fixtures.client import Client

MEMBERS = ["task_id", "project_id", "title", "description", "status", "priority", "due_date", "all_day", "labels",
           "assignees", "parent_id", "metadata", "created_by", "created_at", "updated_at", "completed_at", "expires_at",
           "version"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_task_with_nothing_but_a_title(client: Client) -> None:
    answer = client.post("/tasks/", json={"title": "Bare"})
    task = answer.ok(201)
    assert sorted(task) == sorted(MEMBERS)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Location"] == f"/tasks/{task['task_id']}"
    assert answer.etag == '"1"'
    assert task["version"] == 1
    for name in ("task_id", "project_id", "created_by"):
        assert str(uuid.UUID(task[name])) == task[name]
    assert TIME.fullmatch(task["created_at"])
    assert task["updated_at"] == task["created_at"]
    assert {name: task[name] for name in ("description", "due_date", "parent_id", "completed_at", "expires_at")} == \
        dict.fromkeys(("description", "due_date", "parent_id", "completed_at", "expires_at"))
    assert (task["status"], task["priority"], task["all_day"], task["labels"], task["assignees"], task["metadata"]) == \
        ("pending", 0, False, [], [], {})


def test_all_that_is_sent_is_kept_and_read_the_same_everywhere(client: Client) -> None:
    parent = client.make("Parent")
    sent = {"title": "Всё 漢字 \U0001f600", "description": "line\nline\ttab", "status": "in_progress", "priority": 5,
            "due_date": "2027-01-15T12:00:00.123Z", "labels": ["b", "a", "é"], "assignees": [parent["created_by"]],
            "parent_id": parent["task_id"], "project_id": parent["project_id"], "metadata": {"k": "v", "": "e"}}
    del sent["metadata"][""]  # type: ignore[attr-defined]
    made = client.make(**sent)
    assert {**made, **sent, "labels": ["a", "b", "é"]} == made
    assert client.read(made) == made
    assert next(each for each in client.walk() if each["task_id"] == made["task_id"]) == made
    assert client.get("/tasks/", ids=made["task_id"]).ok() == [made]
    assert next(each for each in client.walk(sort="due_date") if each["task_id"] == made["task_id"]) == made


def test_the_place_leads_to_the_task(client: Client) -> None:
    answer = client.post("/tasks/", json={"title": "Found"})
    assert client.get(answer.headers["Location"]).ok() == answer.json


def test_times_are_utc_with_milliseconds(client: Client) -> None:
    for sent, shown in {
            "2027-01-15T12:00:00Z": "2027-01-15T12:00:00.000Z", "2027-01-15T12:00:00": "2027-01-15T12:00:00.000Z",
            "2027-01-15T12:00:00.1239+02:00": "2027-01-15T10:00:00.123Z", "2027-01-15t12:00:00z":
            "2027-01-15T12:00:00.000Z", "1969-12-31T23:59:59.999Z": "1969-12-31T23:59:59.999Z",
            "0001-01-02T00:00:00Z": "0001-01-02T00:00:00.000Z", "9999-12-30T00:00:00Z": "9999-12-30T00:00:00.000Z"
            }.items():
        made = client.make(due_date=sent)
        assert (made["due_date"], client.read(made)["due_date"]) == (shown, shown)


def test_strings_are_kept_after_nfc(client: Client) -> None:
    made = client.make("e\u0301 \u1112\u1161\u11ab", labels=["e\u0301", "\u00e9"], description=" spaces  kept ")
    assert made["title"] == unicodedata.normalize("NFC", made["title"]) == "é 한"
    assert made["labels"] == ["é"]
    assert made["description"] == " spaces  kept "


def test_every_bound_can_be_reached(client: Client) -> None:
    made = client.make("t" * 500, description="d" * 16_384, labels=[f"{index:064}" for index in range(50)],
                       metadata={f"{index:064}": "v" * 1024 for index in range(50)})
    assert client.read(made) == made
    assert client.get("/tasks/", ids=made["task_id"]).ok() == [made]
    assert next(each for each in client.walk() if each["task_id"] == made["task_id"]) == made
    assert client.put(f"/tasks/{made['task_id']}", json=made).ok() == made


def test_repeated_values_of_a_set_count_once(client: Client) -> None:
    assert client.make(labels=["a", "b", "a"])["labels"] == ["a", "b"]
    assert len(client.make(labels=[f"l{index % 20}" for index in range(50)])["labels"]) == 20


def test_completed_at_follows_the_status(client: Client) -> None:
    made = client.make(status="completed")
    assert made["completed_at"] == made["created_at"]
    path = f"/tasks/{made['task_id']}"
    assert client.patch(path, json={"title": "Still"}).ok()["completed_at"] == made["completed_at"]
    assert client.patch(path, json={"status": "pending"}).ok()["completed_at"] is None
    again = client.patch(path, json={"status": "completed"}).ok()
    assert again["completed_at"] == again["updated_at"]


def test_a_missing_content_type_counts_as_json(client: Client) -> None:
    assert client.post("/tasks/", body='{"title":"No type"}').ok(201)
    assert client.post("/tasks/", body='{"title":"Type"}', headers={"Content-Type": "application/json; charset=UTF-8"}
                       ).ok(201)


def test_answers_say_what_may_be_kept(client: Client) -> None:
    made = client.post("/tasks/", json={"title": "Kept?"})
    for answer in (made, client.get("/tasks/"), client.get(made.headers["Location"])):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "public" not in answer.headers.get("Cache-Control", "")
        assert answer.headers["X-Request-ID"]


def test_head_is_get_without_a_body(client: Client) -> None:
    made = client.make()
    path = f"/tasks/{made['task_id']}"
    head, get = client.send("HEAD", path), client.get(path)
    assert (head.status, head.etag, head.data) == (200, get.etag, b"")


@pytest.mark.parametrize(("sent", "due_date", "all_day"), [
    ({"due_date": "2026-12-05"}, "2026-12-05T00:00:00.000Z", True),
    ({"due_date": "2026-12-05T09:30:00+02:00"}, "2026-12-05T07:30:00.000Z", False),
    ({"due_date": "2026-12-05T09:30:00Z", "all_day": True}, "2026-12-05T00:00:00.000Z", True),
    ({"due_date": "2026-12-05", "all_day": False}, "2026-12-05T00:00:00.000Z", False),
    ({"all_day": False}, None, False)])
def test_a_day_without_a_time(client: Client, sent: dict[str, Any], due_date: str | None, all_day: bool) -> None:
    task = client.make(**sent)
    assert (task["due_date"], task["all_day"]) == (due_date, all_day)
    path = f"/tasks/{task['task_id']}"
    # An edited GET can be sent back, and makes no version.
    assert client.put(path, json=task).ok() == task
    assert client.patch(path, json={"due_date": "2027-01-01T10:00:00Z"}).ok()["all_day"] is False
    day = client.patch(path, json={"all_day": True}).ok()
    assert (day["due_date"], day["all_day"]) == ("2027-01-01T00:00:00.000Z", True)
    assert client.patch(path, json={"due_date": None}).ok()["all_day"] is False
    client.patch(path, json={"all_day": True}).problem(422, "invalid", "/all_day")
