"""A pid file speaks of one process, not of whichever has its id now."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskapp.localnode.process import Process, spawn
from tests.fixtures.service import until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def child() -> "Iterator[subprocess.Popen[bytes]]":
    process = spawn(SLEEP)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    return tmp_path / "node.pid"


def written(child: "subprocess.Popen[bytes]", pid_file: Path) -> Process:
    process = Process.of(child.pid)
    assert process is not None
    process.write(pid_file)
    return process


def test_a_running_process_is_found_again(child: "subprocess.Popen[bytes]", pid_file: Path) -> None:
    assert Process.read(pid_file) is None
    process = written(child, pid_file)
    assert Process.read(pid_file) == process


def test_an_ended_process_is_not(child: "subprocess.Popen[bytes]", pid_file: Path) -> None:
    process = written(child, pid_file)
    process.signal(signal.SIGKILL)
    child.wait()
    assert Process.read(pid_file) is None
    process.signal(signal.SIGKILL)  # reaches nobody


def test_an_id_that_was_given_out_again_is_not_ours(child: "subprocess.Popen[bytes]", pid_file: Path) -> None:
    written(child, pid_file)
    content = json.loads(pid_file.read_text())
    pid_file.write_text(json.dumps({**content, "started": "another time"}))
    assert Process.read(pid_file) is None


@pytest.mark.parametrize("content", ["", "4711", "{}", '{"pid": 1}', "[1]", '{"pid": 1, "started": "", "more": 1}'])
def test_a_damaged_pid_file_names_nobody(content: str, pid_file: Path) -> None:
    pid_file.write_text(content)
    assert Process.read(pid_file) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children of a killed parent")
def test_a_child_ends_when_its_parent_is_killed() -> None:
    program = ("import sys; from taskapp.localnode.process import spawn;"
               f"print(spawn({SLEEP!r}).pid, flush=True); sys.stdin.read()")
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    child = Process.of(int(parent.stdout.readline()))
    assert child is not None
    assert child.alive
    parent.kill()
    parent.wait()
    # the child held the pipe's other end: this returns when it has ended
    assert parent.stdout.read() == b""
    parent.stdin.close()
    parent.stdout.close()
    until(lambda: not child.alive, 5, "the child still lives")
