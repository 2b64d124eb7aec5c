"""A write sent again with its Idempotency-Key is done once, and answers what it answered first (api.md, Writes)."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.client import Answer, Client, Task

SAME = ("Content-Type", "ETag", "Location")


def path(task: Task) -> str:
    return f"/tasks/{task['task_id']}"


def keyed(key: str | None = None, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex, **more}


def replayed(first: Answer, again: Answer) -> None:
    assert (again.status, again.data) == (first.status, first.data)
    assert {name: again.headers.get(name) for name in SAME} == {name: first.headers.get(name) for name in SAME}
    assert again.headers.get("Idempotency-Replayed") == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_every_write_can_be_sent_again(client: Client) -> None:
    task, gone = client.make(), client.make()
    own = f"/tasks/{uuid.uuid4()}"
    steps: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
        ("POST", "/tasks/", {"json": {"title": "Once"}}, {}), ("PUT", own, {"json": {"title": "Own"}},
                                                             {"If-None-Match": "*"}),
        ("PATCH", path(task), {"json": {"title": "Patched"}}, {}),
        ("PUT", path(task), {"json": {"title": "Put"}}, {"If-Match": '"2"'}), ("POST", f"{path(task)}/undo", {}, {}),
        ("DELETE", path(task), {}, {}), ("POST", f"{path(task)}/restore", {}, {}),
        ("DELETE", f"{path(gone)}?permanent=true", {}, {})]
    for method, to, given, headers in steps:
        sent = keyed(**headers)
        first = client.send(method, to, headers=sent, **given)
        assert first.status < 300, first.text
        for _ in range(2):
            replayed(first, client.send(method, to, headers=sent, **given))
    assert client.read(task)["version"] == 6
    assert len(client.get(f"{path(task)}/history").ok()) == 6


def test_a_repeat_after_later_changes_answers_what_it_answered_first(client: Client) -> None:
    task = client.make()
    sent = keyed()
    first = client.patch(path(task), json={"title": "First"}, headers=sent)
    client.patch(path(task), json={"title": "Later"}).ok()
    replayed(first, client.patch(path(task), json={"title": "First"}, headers=sent))
    assert client.read(task)["title"] == "Later"


def test_the_same_key_with_another_request_is_a_mismatch(client: Client) -> None:
    task = client.make()
    sent = keyed()
    client.patch(path(task), json={"title": "x"}, headers=sent).ok()
    others = [client.patch(path(task), json={"title": "y"}, headers=sent), client.delete(path(task), headers=sent),
              client.patch(path(client.make()), json={"title": "x"}, headers=sent),
              client.put(path(task), json={"title": "x"}, headers=sent),
              client.patch(path(task), json={"title": "x"}, headers={**sent, "If-Match": '"2"'}),
              client.post("/tasks/", json={"title": "x"}, headers=sent)]
    for answer in others:
        answer.problem(422, "idempotency_mismatch")
    assert client.read(task)["version"] == 2


@pytest.mark.parametrize(("status", "body", "headers"), [
    (422, {"title": 3}, {}), (412, {"title": "x"}, {"If-Match": '"9"'}), (422, {"version": 9}, {})])
def test_refusals_are_kept(client: Client, status: int, body: dict[str, object], headers: dict[str, str]) -> None:
    task, sent = client.make(), keyed(**headers)
    first = client.patch(path(task), json=body, headers=sent)
    first.problem(status)
    # What would succeed by now is still answered as it was.
    for number in range(8):
        client.patch(path(task), json={"title": f"t{number}"}).ok()
    replayed(first, client.patch(path(task), json=body, headers=sent))


def test_a_missing_task_stays_missing_for_the_key(client: Client) -> None:
    to, sent = f"/tasks/{uuid.uuid4()}", keyed()
    first = client.patch(to, json={"title": "x"}, headers=sent)
    first.problem(404)
    client.put(to, json={"title": "x"}, headers={"If-None-Match": "*"}).ok(201)
    replayed(first, client.patch(to, json={"title": "x"}, headers=sent))


def test_twenty_repeats_at_once_make_one_task(client: Client) -> None:
    sent, title = keyed(), f"Once {uuid.uuid4()}"
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.post("/tasks/", json={"title": title}, headers=sent), range(20)))
    found = Counter(answer.status for answer in answers)
    assert set(found) <= {201, 409}, found
    assert found[201] >= 1
    assert len({answer.json["task_id"] for answer in answers if answer.status == 201}) == 1
    for answer in answers:
        if answer.status == 409:
            answer.problem(409, "idempotency_in_flight")
            assert int(answer.headers["Retry-After"]) >= 1
    assert sum(answer.status == 201 and "Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert [task["title"] for task in client.walk()].count(title) == 1
    assert client.post("/tasks/", json={"title": title}, headers=sent).headers["Idempotency-Replayed"] == "true"


def test_in_flight_is_told(client: Client) -> None:
    # Enough at once that some meet the first while it runs: each round has another key.
    for _ in range(20):
        task, sent = client.make(), keyed()
        with ThreadPoolExecutor(8) as pool:
            running = [pool.submit(client.patch, path(task), json={"labels": {"add": ["l"]}}, headers=sent)
                       for _ in range(8)]
        answers = [each.result() for each in running]
        assert client.read(task)["version"] == 2
        if any(answer.status == 409 for answer in answers):
            break
    else:
        pytest.fail("no repeat ever met the first in flight")


@pytest.mark.parametrize("key", ["a", "!", "~" * 255, "a,b;c=\"d\"", "00000000-0000-0000-0000-000000000000"])
def test_keys_of_visible_characters(client: Client, key: str) -> None:
    sent = keyed(f"{key}{uuid.uuid4().hex}"[-255:] if len(key) > 1 else key)
    body = {"title": "x"}
    first = client.post("/tasks/", json=body, headers=sent)
    assert first.status == 201
    replayed(first, client.post("/tasks/", json=body, headers=sent))


def test_a_key_on_a_read_is_no_matter(client: Client) -> None:
    sent = keyed()
    assert client.get("/tasks/", headers=sent).status == client.get("/tasks/?limit=1", headers=sent).status == 200
