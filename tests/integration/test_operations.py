"""What an operator sees: health, metrics, request ids, timing, and logs without anybody's secrets."""

import json
import re
import uuid
from typing import Any

import pytest

from tests.fixtures.client import Client
from tests.fixtures.metrics import samples, total
from tests.fixtures.service import NewService, Service, until

# -- Health

def test_live_and_ready(client: Client) -> None:
    assert client.get("/health/live").ok()["status"] == "alive"
    assert client.get("/health/ready").ok()["status"] == "ready"


def test_another_schema_is_not_ready_and_says_so(new_service: NewService, session: Any, new_keyspace: Any) -> None:
    keyspace = new_keyspace()
    service = new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace)
    client = Client(service.url)
    session.execute(f"UPDATE {keyspace}.schema_state SET version = 999 WHERE scope = 'taskapp'")
    problem = client.get("/health/ready").problem(503, "unavailable")
    assert "999" in problem["detail"]
    assert client.get("/health/live").status == 200
    client.close()


# -- Metrics

def test_names_of_metrics(client: Client) -> None:
    client.make()
    client.get("/tasks/")
    names = {name for name, _ in samples(client)}
    assert {"taskapp_requests_total", "taskapp_request_seconds_bucket", "taskapp_request_seconds_count",
            "taskapp_statement_seconds_bucket", "taskapp_statement_seconds_count", "taskapp_prepared_statements",
            "taskapp_connections", "taskapp_in_flight"} <= names
    assert total(client, "taskapp_connections") >= 1
    assert total(client, "taskapp_prepared_statements") > 20
    text = client.get("/metrics")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert "# TYPE taskapp_requests_total counter" in text.text
    assert "# TYPE taskapp_request_seconds histogram" in text.text


def test_requests_of_all_workers_are_summed(service: Service, client: Client) -> None:
    labels = ('method="GET"', 'route="/health/live"', 'status="200"')
    before = total(client, "taskapp_requests_total", *labels)
    for _ in range(40):
        # A new connection each time, so that both workers get some.
        once = Client(service.url)
        assert once.get("/health/live").status == 200
        once.close()
    assert total(client, "taskapp_requests_total", *labels) == before + 40


def test_routes_are_counted_by_their_pattern(client: Client) -> None:
    for _ in range(3):
        client.get(f"/tasks/{uuid.uuid4()}").problem(404)
        client.get(f"/{uuid.uuid4()}").problem(404)
        client.send("BREW", f"/{uuid.uuid4()}")
    routes = {labels for name, labels in samples(client) if name == "taskapp_requests_total"}
    assert not any(re.search(r"[0-9a-f]{8}-", labels) for labels in routes)
    assert not any("BREW" in labels for labels in routes)


def test_conflicts_are_counted(client: Client) -> None:
    task = f"/tasks/{uuid.uuid4()}"
    headers = {"If-None-Match": "*"}
    before = total(client, "taskapp_conflicts_total")
    assert [client.put(task, json={"title": "x"}, headers=headers).status for _ in range(3)] == [201, 412, 412]
    assert total(client, "taskapp_conflicts_total") == before + 2


# -- Request ids and timing

@pytest.mark.parametrize("sent", ["abc", "A-b_c.9", "x" * 64])
def test_a_request_id_is_taken_over(client: Client, sent: str) -> None:
    headers = {"X-Request-ID": sent}
    assert client.get("/tasks/", headers=headers).headers["X-Request-ID"] == sent
    assert client.get("/tasks/x", headers=headers).problem(404)["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\u00e9", "<script>", 'a"b'])
def test_a_request_id_that_is_none_is_made_anew(client: Client, sent: str) -> None:
    found = client.get("/tasks/", headers={"X-Request-ID": sent.encode("latin-1")}).headers["X-Request-ID"]
    assert found != sent
    assert re.fullmatch(r"[0-9a-f]{32}", found)


def test_every_request_has_an_id_of_its_own(client: Client) -> None:
    assert len({client.get("/health/live").headers["X-Request-ID"] for _ in range(5)}) == 5


def test_server_timing_tells_database_and_all(client: Client) -> None:
    timing = client.get("/tasks/").headers["Server-Timing"]
    found = dict(re.findall(r"(\w+);dur=([\d.]+)", timing))
    assert {"db", "app"} <= set(found)
    assert 0 < float(found["db"]) <= float(found["app"])


# -- Logs

@pytest.fixture(scope="module")
def logged(new_service: NewService) -> Service:
    return new_service()


def lines(service: Service) -> list[dict[str, Any]]:
    return [json.loads(line) for line in service.log().splitlines()]


def of_request(service: Service, request_id: str) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        return [line for line in lines(service) if line.get("request_id") == request_id and line["event"] == "request"]

    until(found, 5, f"no line for {request_id}")
    return found()


def test_one_line_a_request(logged: Service) -> None:
    client = Client(logged.url)
    for number, (method, path, status) in enumerate([
            ("GET", "/tasks/", 200), ("POST", "/tasks/", 400), ("GET", "/nothing", 404), ("DELETE", "/tasks/", 405),
            ("GET", "/tasks/?nope=1", 422), ("GET", "/health/live", 200)]):
        request_id = f"line-{number}"
        assert client.send(method, path, headers={"X-Request-ID": request_id}).status == status
        (line,) = of_request(logged, request_id)
        assert (line["method"], line["path"], line["status"]) == (method, path.split("?")[0], status)
        assert line["ms"] >= line["db_ms"] >= 0
        assert line["at"].endswith("Z")
        assert line["level"] == "info"
    client.close()


def check_no_secret(text: str, secrets: list[str]) -> None:
    assert [secret for secret in secrets if secret in text] == []


def test_no_secret_is_ever_logged(logged: Service) -> None:
    client = Client(logged.url)
    secrets = {place: f"canary{place}{uuid.uuid4().hex}" for place in (
        "title", "member", "query", "parameter", "token", "cookie", "key", "label", "patch", "json", "cursor")}
    headers = {"Authorization": f"Bearer {secrets['token']}", "Cookie": f"session={secrets['cookie']}",
               "Idempotency-Key": secrets["key"]}
    made = client.post("/tasks/", json={"title": secrets["title"], "labels": [secrets["label"]]}, headers=headers)
    path = made.headers["Location"]
    client.post("/tasks/", json={"title": "x", secrets["member"]: 1}, headers=headers).problem(422)
    client.post("/tasks/", body=f'{{"title": {secrets["json"]}'.encode()).problem(400)
    client.get("/tasks/", **{secrets["parameter"]: secrets["query"]}).problem(422)
    client.get("/tasks/", cursor=secrets["cursor"]).problem(422)
    client.patch(path, json={"description": secrets["patch"]}, headers={"If-Match": '"9"'}).problem(412)
    client.patch(path, json={"description": secrets["patch"]}).ok()
    client.get("/health/live", headers={"X-Request-ID": "after-the-canaries"})
    of_request(logged, "after-the-canaries")
    check_no_secret(logged.log(), list(secrets.values()))
    client.close()


def test_control_a_secret_in_a_log_is_seen(logged: Service) -> None:
    client = Client(logged.url)
    # The path is logged by design; so a canary in it must be found.
    client.get("/canary-in-the-path", headers={"X-Request-ID": "the-control"})
    of_request(logged, "the-control")
    with pytest.raises(AssertionError):
        check_no_secret(logged.log(), ["canary-in-the-path"])
    client.close()


def test_a_restart_loses_nothing_and_ends_well(new_service: NewService) -> None:
    service = new_service()
    client = Client(service.url)
    made = client.make()
    service.restart(TASKAPP_THREADS=4)
    again = Client(service.url)
    assert again.read(made) == made
    assert "Traceback" not in service.log()
    client.close()
    again.close()
