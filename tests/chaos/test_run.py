"""`taskapp run` of the wheel, in an empty folder, with a node that dies: it is started again, and nothing that was
acknowledged is lost.

Red when the wheel lacks gunicorn.conf.py, wsgi.py, a migration or a file of a web page, or its extras what the node
needs.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from taskapp.http.documentation import VIEWER
from taskapp.localnode import LocalNode, of_settings, ports
from taskapp.settings import Settings
from tests.fixtures.client import Client
from tests.fixtures.service import ROOT, kept_environment, until

ADDRESS = "127.0.0.41"
START_SECONDS = 120


class Run:
    """One `taskapp run` in a folder that was empty, its node, and a client."""

    def __init__(self, commands: Path, folder: Path) -> None:
        native, storage, port = ports.find_free(ADDRESS), ports.find_free(ADDRESS), ports.find_free("127.0.0.1")
        settings = {"TASKAPP_NODE_ADDRESS": ADDRESS, "TASKAPP_PORT": str(port),
                    "TASKAPP_CASSANDRA_PORT": str(native), "TASKAPP_NODE_STORAGE_PORT": str(storage)}
        self.folder, self.log = folder / "empty", folder / "run.log"
        self.folder.mkdir()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([commands / "taskapp", "run"], cwd=self.folder, stdout=log,
                                            stderr=subprocess.STDOUT, env={**kept_environment(), **settings})
        self.node: LocalNode = of_settings(Settings(data_dir=self.folder / ".data", node_address=ADDRESS,
                                                    cassandra_port=native, node_storage_port=storage))
        self.client = Client(f"http://127.0.0.1:{port}")

    def status(self, path: str) -> int | None:
        """The status of a GET; None when nobody answers."""
        try:
            return self.client.get(path).status
        except urllib3.exceptions.HTTPError:
            return None


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Iterator[Run]:
    made = Run(installed, tmp_path)
    try:
        until(lambda: made.status("/health/ready") == 200, START_SECONDS, lambda: made.log.read_text()[-3000:])
        yield made
    finally:
        made.client.close()
        if made.process.poll() is None:
            made.process.send_signal(signal.SIGTERM)
            made.process.wait(60)


def files(package: Path) -> dict[str, bytes]:
    """Read what web pages are made of, the vendored viewer with its licence and checksums included."""
    found = [*(package / "web").rglob("*"), *(package / "http" / "documentation" / "templates").iterdir()]
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in found if path.is_file()}


def test_the_wheel_has_every_file_of_the_web_pages(installed: Path) -> None:
    (package,) = installed.parent.glob("lib/python*/site-packages/taskapp")
    expected = files(ROOT / "taskapp")
    assert {f"web/{VIEWER}/{name}" for name in ("LICENSE", "NOTICE", "SHA256SUMS")} <= expected.keys()
    assert files(package) == expected


def test_a_node_that_dies_is_started_again(run: Run) -> None:
    assert [path.name for path in run.folder.iterdir()] == [".data"]
    until(lambda: "taskapp is ready at" in run.log.read_text(), 10, "nobody is told")
    shown = re.findall(r"^  the \w+ +http://localhost:\d+(/\S+)$", run.log.read_text(), re.MULTILINE)
    assert [(path, run.status(path)) for path in shown] == [("/app/", 200), ("/docs", 200)]
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
