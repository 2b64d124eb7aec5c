"""The procedures of deploy/README.md: new code without a request that fails, with or without a key."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from taskapp.localnode import ports
from tests.fixtures.client import Client
from tests.fixtures.service import READY_SECONDS, STOP_SECONDS, until
from tests.integration.deploy.conftest import NewNginx
from tests.integration.deploy.instance import Activated, Instance

CLIENTS = 4
RESTART_SECONDS = STOP_SECONDS + READY_SECONDS
NO_ANSWER = 0


class Load:
    """Clients that make tasks and read them until they are told to stop."""

    def __init__(self, client: Client) -> None:
        self._client, self._over = client, threading.Event()
        self.statuses: Counter[int] = Counter()
        self.made: list[str] = []

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._make_and_read()
            except urllib3.exceptions.HTTPError:
                self.statuses[NO_ANSWER] += 1

    def _make_and_read(self) -> None:
        answer = self._client.post("/tasks/", json={"title": "while restarting"})
        self.statuses[answer.status] += 1
        if answer.status == 201:
            self.made.append(answer.json["task_id"])
            self.statuses[self._client.get(f"/tasks/{self.made[-1]}").status] += 1

    def stop(self) -> None:
        self._over.set()

    def wait_for_more(self) -> None:
        """Wait until a hundred more tasks were made."""
        goal = len(self.made) + 100
        until(lambda: len(self.made) >= goal, 60, "the load makes no progress")


@contextmanager
def load(client: Client) -> Iterator[Load]:
    """Put a service under load; no request may fail."""
    running = Load(client)
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(running.run) for _ in range(CLIENTS)]
        try:
            running.wait_for_more()
            yield running
        finally:
            running.stop()
        for each in clients:
            each.result()
    assert set(running.statuses) == {200, 201}, running.statuses


def test_reload_in_place(client: Client, instances: list[Instance]) -> None:
    with load(client) as running:
        for each in instances:
            each.reload()
            running.wait_for_more()


def test_restart_behind_a_socket_of_systemd(new_nginx: NewNginx, instances: list[Instance], tmp_path: Path) -> None:
    # Red without the socket: requests in the closing one's queue are reset. They wait as long as the restart takes; on
    # a busy machine that may be longer than nginx waits as it is deployed.
    one = Activated(tmp_path, {**instances[0].environment, "PORT": str(ports.find_free("127.0.0.1"))}).listen()
    try:
        one.start()
        with load(Client(new_nginx(one, read_timeout=RESTART_SECONDS).url, timeout=RESTART_SECONDS)) as running:
            for _ in range(2):
                one.restart()
                running.wait_for_more()
    finally:
        one.close()


def test_the_load_notices_a_failure(client: Client, instances: list[Instance]) -> None:
    def kill_all(running: Load) -> None:
        for each in instances:
            each.kill()
        until(lambda: running.statuses[503], 30, "nobody noticed")

    with pytest.raises(AssertionError, match="503"), load(client) as running:
        kill_all(running)
