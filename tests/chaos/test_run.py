"""`taskapp run` with a node that dies: it is started again, and nothing that was acknowledged is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from taskapp.localnode import LocalNode, of_settings, ports
from taskapp.settings import Settings
from tests.fixtures.client import Client
from tests.fixtures.service import ROOT, until

ADDRESS = "127.0.0.41"
START_SECONDS = 120


class Run:
    """One `taskapp run`, its node, and a client."""

    def __init__(self, folder: Path) -> None:
        native, storage, port = ports.find_free(ADDRESS), ports.find_free(ADDRESS), ports.find_free("127.0.0.1")
        settings = {"TASKAPP_DATA_DIR": str(folder / "data"), "TASKAPP_NODE_ADDRESS": ADDRESS,
                    "TASKAPP_PORT": str(port), "TASKAPP_CASSANDRA_PORT": str(native),
                    "TASKAPP_NODE_STORAGE_PORT": str(storage)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TASKAPP_")}
        self.log = folder / "run.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "taskapp.cli", "run"], cwd=ROOT, stdout=log,
                                            stderr=subprocess.STDOUT, env={**kept, **settings})
        self.node: LocalNode = of_settings(Settings(data_dir=folder / "data", node_address=ADDRESS,
                                                    cassandra_port=native, node_storage_port=storage))
        self.client = Client(f"http://127.0.0.1:{port}")

    def status(self, path: str) -> int | None:
        """The status of a GET; None when nobody answers."""
        try:
            return self.client.get(path).status
        except urllib3.exceptions.HTTPError:
            return None


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path)
    try:
        until(lambda: made.status("/health/ready") == 200, START_SECONDS, lambda: made.log.read_text()[-3000:])
        yield made
    finally:
        made.client.close()
        if made.process.poll() is None:
            made.process.send_signal(signal.SIGTERM)
            made.process.wait(60)


def test_a_node_that_dies_is_started_again(run: Run) -> None:
    tasks = [run.client.make(f"before {number}") for number in range(20)]
    os.kill(run.node.pid or 0, signal.SIGKILL)
    assert run.client.get("/tasks/").problem(503)["code"] in ("unavailable", "outcome_unknown")
    assert run.status("/health/live") == 200
    assert run.status("/health/ready") == 503
    until(lambda: run.status("/health/ready") == 200, START_SECONDS, lambda: run.log.read_text()[-3000:])
    assert [run.client.read(task) for task in tasks] == tasks
    run.client.make("after")
    assert "is started again" in run.log.read_text()
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(60) == 0
    until(lambda: not run.node.running, 10, "the node was left behind")
