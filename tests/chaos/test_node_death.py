"""The node dies while the service serves: 503 at once, nothing acknowledged is lost, and all is well when it is back.

Negative control: with `commitlog_sync: periodic` in `localnode/configuration.py` the last acknowledged tasks are
missing after the kill, and `test_no_acknowledged_task_is_lost` fails.
"""

import threading
import time

from taskapp.localnode import LocalNode
from tests.fixtures.client import Client
from tests.fixtures.service import Service, until

WRITERS = 8
BACK_SECONDS = 60


class Writers:
    """Clients that make tasks until they are told to stop, and note what was acknowledged."""

    def __init__(self, client: Client) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[tuple[int, str, float]] = []
        self._client, self._stopped = client, threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, number: int) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            answer = self._client.post("/tasks/", json={"title": f"from writer {number}"})
            if answer.status == 201:
                self.acknowledged.append(answer.json["task_id"])
            else:
                self.refused.append((answer.status, answer.json["code"], time.monotonic() - began))
                self._stopped.wait(0.1)

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()


def test_no_acknowledged_task_is_lost(own_node: LocalNode, fragile: Service, caller: Client) -> None:
    fragile.start()
    with Writers(caller) as writers:
        until(lambda: len(writers.acknowledged) >= 200, 60, "no tasks were made")
        own_node.kill()
        until(lambda: len(writers.refused) >= 3 * WRITERS, 30, "nobody noticed that the node is away")
        before = len(writers.acknowledged)
        _all_refused_well(caller)
        own_node.start()
        own_node.wait_ready()
        until(lambda: len(writers.acknowledged) > before + 50, BACK_SECONDS, "the service did not recover")
    assert {(status, code) for status, code, _ in writers.refused} <= {(503, "unavailable"), (503, "outcome_unknown")}
    assert max(seconds for *_, seconds in writers.refused) < 3
    missing = [task_id for task_id in writers.acknowledged if caller.get(f"/tasks/{task_id}").status != 200]
    assert missing == []
    until(lambda: set(writers.acknowledged) <= _listed(caller), 10, "lists do not show all that was acknowledged")


def _all_refused_well(client: Client) -> None:
    assert client.get("/health/live").status == 200
    assert client.get("/health/ready").status == 503
    for answer in (client.get("/tasks/"), client.post("/tasks/", json={"title": "x"})):
        assert answer.problem(503)["code"] in ("unavailable", "outcome_unknown")
        assert answer.headers["Retry-After"]


def _listed(client: Client) -> set[str]:
    return {task["task_id"] for page in client.pages("/tasks/", limit=200) for task in page}


def test_frozen_node_costs_no_more_than_the_budget(own_node: LocalNode, fragile: Service, caller: Client) -> None:
    fragile.start()
    task = caller.make("before the frost")
    own_node.pause()
    try:
        began = time.monotonic()
        assert caller.get(f"/tasks/{task['task_id']}").problem(503)["code"] == "unavailable"
        assert caller.patch(f"/tasks/{task['task_id']}", json={"title": "in the frost"}).status == 503
        # Two requests of at most two seconds each; the margin is the machine's.
        assert time.monotonic() - began < 6
        assert caller.get("/health/live").status == 200
    finally:
        own_node.resume()
    until(lambda: caller.get("/health/ready").status == 200, BACK_SECONDS, "the service did not recover")
    assert caller.read(task)["title"] in ("before the frost", "in the frost")


def test_refused_writes_can_be_sent_again(own_node: LocalNode, fragile: Service, caller: Client) -> None:
    fragile.start()
    own_node.kill()
    keyed = {"Idempotency-Key": "through-the-night"}
    caller.post("/tasks/", json={"title": "once"}, headers=keyed).problem(503)
    own_node.start()
    own_node.wait_ready()

    def again() -> bool:
        return caller.post("/tasks/", json={"title": "once"}, headers=keyed).status == 201

    until(again, BACK_SECONDS, "the repeat was not taken")
    assert sum(task["title"] == "once" for page in caller.pages("/tasks/", limit=200) for task in page) == 1
