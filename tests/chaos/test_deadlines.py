"""No request outlives its budget, whatever it asks for, when the node freezes.

Red when a statement is sent without a limit, or when retries, several statements or the serial read after a write each
have the whole budget.
"""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from taskapp.localnode import LocalNode
from tests.chaos.conftest import ADDRESS
from tests.fixtures.client import Answer, Client
from tests.fixtures.service import Service, until

# Seconds: the budget, and what this machine may add to it.
BUDGET, MARGIN, BACK_SECONDS = 1.9, 0.6, 60
SAMPLES: dict[str, Any] = {"genus": "Vanessa", "species": "cardui"}


@pytest.fixture
def patient(own_node: LocalNode, fragile: Service) -> Iterator[Client]:
    """A service whose circuit breaker does not spare it the waiting."""
    fragile.environment |= {"TASKAPP_BREAKER_SHARE": "2", "TASKAPP_CASSANDRA_CONTACT_POINTS": ADDRESS,
                            "TASKAPP_THREADS": "64"}
    fragile.start()
    client = Client(fragile.url)
    yield client
    client.close()


def routes(client: Client, task_id: str) -> list[tuple[str, str]]:
    """List method and path of every route of the document."""
    found = []
    for path, methods in client.get("/openapi.json").ok()["paths"].items():
        for name, value in {"task_id": task_id, **SAMPLES}.items():
            path = path.replace(f"{{{name}}}", str(value))
        path = path.replace("{", "").replace("}", "")
        found += [(method.upper(), path) for method in methods if method != "parameters"]
    return found


def test_every_route_answers_within_the_budget(own_node: LocalNode, patient: Client) -> None:
    task = patient.make("before the frost", labels=["a"])
    asked = routes(patient, task["task_id"])
    path = f"/tasks/{task['task_id']}"
    asked += [("GET", f"/tasks/?{query}") for query in (
        "sort=due_date", "status=pending&sort=created_at", "status=pending&status=completed", f"ids={task['task_id']}")]
    asked += [("DELETE", f"{path}?permanent=true"), ("PUT", f"/tasks/{uuid.uuid4()}")]

    def ask(route: tuple[str, str]) -> tuple[tuple[str, str], float, Answer]:
        method, target = route
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method != "GET" else {}
        bare = method in ("GET", "DELETE") or target.endswith(("/restore", "/undo"))
        given = {} if bare else {"json": {"title": "x"}}
        began = time.monotonic()
        answer = patient.send(method, target, headers=headers, **given)
        return route, time.monotonic() - began, answer

    own_node.pause()
    try:
        # The signal stops one thread after the other.
        until(lambda: not own_node.ready, 5, "a paused node still answers")
        # Few at a time: what is measured is the request, not the queue for a processor.
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, asked))
    finally:
        own_node.resume()
    late = [(route, round(seconds, 2)) for route, seconds, _ in answers if seconds > BUDGET + MARGIN]
    assert late == []
    assert {answer.status for *_, answer in answers} <= {200, 404, 415, 422, 503}
    waited = {route for route, seconds, answer in answers if answer.status == 503 and seconds > 1}
    assert {("GET", path), ("PATCH", path), ("PUT", path), ("DELETE", path), ("POST", "/tasks"), ("GET", "/tasks"),
            ("GET", f"{path}/history"), ("POST", f"{path}/undo"), ("POST", f"{path}/restore")} <= waited
    until(lambda: patient.get("/health/ready").status == 200, BACK_SECONDS, "the service did not recover")
