"""Two instances behind the nginx that is deployed: what is sent to the second one when the first one fails."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.client import Answer, Client
from tests.integration.deploy.conftest import NewNginx
from tests.integration.deploy.instance import Instance
from tests.integration.deploy.nginx import logged


def titles(client: Client, beginning: str) -> list[str]:
    return sorted(task["title"] for task in client.walk() if task["title"].startswith(beginning))


def lose_an_instance(client: Client, first: Instance, requests: list[dict[str, Any]]) -> list[Answer]:
    """Send requests side by side, one to each instance, and kill the first instance when it has got its own.

    It is frozen before, so that it cannot answer.
    """
    first.pause()
    with ThreadPoolExecutor(len(requests)) as pool:
        answers = [pool.submit(client.send, **request) for request in requests]
        first.wait_for_request()
        first.kill()
        return [answer.result() for answer in answers]


def test_reads_survive_an_instance_that_dies_while_it_works_on_them(client: Client, instances: list[Instance]) -> None:
    task = client.make("read me")
    requests = [{"method": "GET", "path": f"/tasks/{task['task_id']}"}] * 2
    assert [answer.ok()["title"] for answer in lose_an_instance(client, instances[0], requests)] == ["read me"] * 2
    # and those that come when it is gone
    assert all(client.read(task) == task for _ in range(20))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_without_a_key_is_sent_once(client: Client, instances: list[Instance], method: str) -> None:
    # Red with `proxy_next_upstream error` for all, nginx's default: it repeats PUT and DELETE.
    tasks = [client.make(f"once {method} {number}") for number in range(2)]
    requests = [{"method": method, **_write(method, task)} for task in tasks]
    one, other = sorted(lose_an_instance(client, instances[0], requests), key=lambda answer: answer.status)
    assert one.status in (200, 201)
    problem = other.problem(503, "outcome_unknown")
    assert "Idempotency-Key" in problem["detail"]
    assert other.headers["Retry-After"] == "1"
    # The instance was frozen: what it got was not carried out, nor by the other one.
    if method == "POST":
        assert len(titles(client, "made by POST")) == 1
        client.delete(f"/tasks/{one.json['task_id']}", permanent="true").ok()
    else:
        answers = [client.get(f"/tasks/{task['task_id']}") for task in tasks]
        assert [answer.status == 200 and answer.json["version"] == 1 for answer in answers].count(True) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_with_a_key_goes_on_at_the_other_instance(client: Client, instances: list[Instance], method: str
                                                         ) -> None:
    tasks = [client.make(f"keyed {method} {number}") for number in range(2)]
    requests = [{"method": method, **_write(method, task), "headers": {"Idempotency-Key": task["task_id"]}}
                for task in tasks]
    answers = lose_an_instance(client, instances[0], requests)
    assert {answer.status for answer in answers} == {201 if method == "POST" else 200}
    if method == "POST":
        assert len(titles(client, "made by POST")) == 2
        for answer in answers:
            client.delete(f"/tasks/{answer.json['task_id']}", permanent="true").ok()


def _write(method: str, task: dict[str, Any]) -> dict[str, Any]:
    path = "/tasks/" if method == "POST" else f"/tasks/{task['task_id']}"
    return {"path": path} if method == "DELETE" else {"path": path, "json": {"title": f"made by {method}"}}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_instance_that_is_away_costs_no_write(client: Client, instances: list[Instance], method: str) -> None:
    # Nothing was sent to an instance that refuses the connection, so no key is needed.
    tasks = [client.make(f"away {number}") for number in range(12)]
    instances[0].kill()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda task: client.send(method, **_write(method, task)), tasks))
    assert {answer.status for answer in answers} == {201 if method == "POST" else 200}
    for answer in answers:
        if method == "POST":
            client.delete(f"/tasks/{answer.json['task_id']}", permanent="true").ok()


@pytest.mark.parametrize("request_", [
    {"method": "GET", "path": "/tasks/"},
    {"method": "POST", "path": "/tasks/", "json": {"title": "too much"}},
    {"method": "DELETE", "path": "/tasks/5f0bbcf1-57a5-4a9b-8a41-0c27d3d0f5a7", "headers": {"Idempotency-Key": "k"}},
], ids=["read", "write", "keyed"])
def test_full_is_said_at_once(new_nginx: NewNginx, instances: list[Instance], request_: dict[str, Any]) -> None:
    # Red without max_conns: the second request would wait behind the first.
    client = Client(new_nginx(instances[0], max_conns=1).url)
    instances[0].pause()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/tasks/", limit=1)
        instances[0].wait_for_request()
        refused = client.send(**request_)
        instances[0].resume()
        waiting.result().ok()
    problem = refused.problem(503, "unavailable")
    assert "nothing was stored" in problem["detail"]
    assert refused.headers["Retry-After"] == "1"


def test_nobody_there(new_nginx: NewNginx, instances: list[Instance]) -> None:
    client = Client(new_nginx(*instances).url)
    for each in instances:
        each.kill()
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = client.send(method, "/tasks/")
        answer.problem(503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
    assert client.send("HEAD", "/tasks/").status == 503


def test_the_log_has_what_was_asked_and_no_query(client: Client, instances: list[Instance], tmp_path: Path) -> None:
    client.get("/tasks/", limit=1, headers={"X-Request-ID": "first"})
    client.post("/tasks/", body=b" " * (1024 * 1024 + 1), headers={"X-Request-ID": "second"})
    first, second = logged(tmp_path, "first"), logged(tmp_path, "second")
    assert first.items() >= {"method": "GET", "path": "/tasks/", "status": 200}.items()
    assert first["upstream"] in {f"127.0.0.1:{each.port}" for each in instances}
    assert second.items() >= {"method": "POST", "path": "/tasks/", "status": 413, "upstream": ""}.items()
