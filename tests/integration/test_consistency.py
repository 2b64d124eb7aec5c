"""`Consistency-Level` reaches the node with every statement of every GET that takes it, and no other request.

A proxy in front of the node reads the levels off the wire. Red when a view or a query forgets to pass the level on.
"""

import uuid
from collections.abc import Iterator

import pytest

from taskapp.cassandra.driver.policies import CONSISTENCY_LEVELS
from taskapp.kit.caller import BUILT_IN_USER
from tests.fixtures.client import Client
from tests.fixtures.protocol_proxy import Proxy
from tests.fixtures.service import NewService

LOCAL_QUORUM = CONSISTENCY_LEVELS["LOCAL_QUORUM"]
# What is read to know who asks, or beside the requests, not for the answer.
OF_THE_GATE = (".secrets ", "system.local")


@pytest.fixture(scope="module")
def caller(proxy: Proxy, new_service: NewService) -> Iterator[Client]:
    service = new_service(TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_CASSANDRA_PORT=proxy.port,
                          TASKAPP_SWEEP_INTERVAL=0, TASKAPP_BUCKET_NOTICE=0)
    client = Client(service.url)
    yield client
    client.close()


def filled(path: str, task_id: str, project_id: str) -> str:
    values = {"task_id": task_id, "project_id": project_id, "user_id": str(BUILT_IN_USER), "genus": "Vanessa",
              "species": "cardui", "view_id": str(uuid.uuid4())}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{", "").replace("}", "")


def readers(client: Client) -> dict[str, list[str]]:
    """List the paths of the routes that take the header, and of those that do not: GETs, both."""
    found: dict[str, list[str]] = {"take": [], "others": []}
    document = client.get("/openapi.json").ok()
    shared = {f"#/components/parameters/{name}": each for name, each in document["components"]["parameters"].items()}
    for path, methods in document["paths"].items():
        if "get" in methods:
            names = [shared.get(each.get("$ref"), each)["name"] for each in methods["get"]["parameters"]]
            found["take" if "Consistency-Level" in names else "others"].append(path)
    return found


def levels(proxy: Proxy) -> set[int]:
    return {level for text, level in proxy.executed if not any(each in text for each in OF_THE_GATE)}


@pytest.mark.parametrize("level", CONSISTENCY_LEVELS)
def test_every_read_is_asked_at_the_level_that_was_sent(proxy: Proxy, caller: Client, level: str) -> None:
    task = caller.make()
    project = caller.post("/projects/", json={"name": "x"}).ok(201)["project_id"]
    routes = [filled(path, task["task_id"], project) for path in readers(caller)["take"]]
    assert f"/tasks/{task['task_id']}/history" in routes
    more = [f"/tasks/?{query}" for query in (
        f"ids={task['task_id']},{uuid.uuid4()}", "trash=true", "sort=due_date", "sort=-due_date", "status=pending",
        "status=pending&sort=created_at", "status=pending&status=completed",
        "filter=status=pending%26%26priority>3", "label=a&sort=created_at")]
    for path in [*routes, *more]:
        proxy.executed.clear()
        assert caller.get(path, headers={"Consistency-Level": level}).status in (200, 404), path
        # The built-in user of open mode, who is no row, is told without asking.
        asked = set() if path == f"/users/{BUILT_IN_USER}" else {CONSISTENCY_LEVELS[level]}
        assert levels(proxy) == asked, path


def test_without_the_header_reads_and_writes_are_at_local_quorum(proxy: Proxy, caller: Client) -> None:
    task = caller.make()
    proxy.executed.clear()
    path = f"/tasks/{task['task_id']}"
    for read in (path, f"{path}/history", "/tasks/"):
        caller.get(read).ok()
    caller.patch(path, json={"title": "changed"}, headers={"Consistency-Level": "ONE"}).ok()
    assert levels(proxy) == {LOCAL_QUORUM}


@pytest.mark.parametrize("sent", ["TWO", "local_quorum", "", "EACH_QUORUM", "6"])
def test_a_level_that_is_none_is_refused(caller: Client, sent: str) -> None:
    problem = caller.get("/tasks/", headers={"Consistency-Level": sent}).problem(400, "bad_header")
    assert "LOCAL_QUORUM" in problem["detail"]
