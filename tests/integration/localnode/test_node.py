"""A real node: its life, and each way a start fails."""

import json
import os
import socket
from pathlib import Path

import pytest
from cassandra.cluster import Cluster, Session

from taskapp.localnode import LocalNode, NodeError, ports
from taskapp.localnode.process import Process
from tests.fixtures.command import run_taskapp, well
from tests.fixtures.service import until

KEYSPACE = "CREATE KEYSPACE kept WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"


def started(node: LocalNode) -> LocalNode:
    node.start()
    node.wait_ready()
    return node


def ask(node: LocalNode, *statements: str) -> list[tuple[object, ...]]:
    with Cluster([node.address], port=node.native_port, protocol_version=5) as cluster:
        session: Session = cluster.connect()
        rows = [list(session.execute(statement)) for statement in statements]
    return [tuple(row) for row in rows[-1]]


def check_gone(node: LocalNode, process: Process | None) -> None:
    """Hold that neither a process nor a listener is left."""
    assert process is not None
    assert not process.alive
    assert not node.running
    assert node.pid is None
    ports.check_free(node.address, node.native_port, "")
    ports.check_free(node.address, node.storage_port, "")


def test_data_survive_a_clean_stop_and_a_kill(new_node) -> None:  # type: ignore[no-untyped-def]
    node = started(new_node(fast=False))
    ask(node, KEYSPACE, "CREATE TABLE kept.t (k int PRIMARY KEY, v text)",
        "INSERT INTO kept.t (k, v) VALUES (1, 'one')")
    process = Process.of(node.pid or 0)
    node.stop()
    check_gone(node, process)
    node.stop()  # a second time, nothing to do

    node = started(new_node(fast=False))
    assert ask(node, "SELECT k, v FROM kept.t") == [(1, "one")]
    ask(node, "INSERT INTO kept.t (k, v) VALUES (2, 'two')")
    node.kill()

    node = started(new_node(fast=False))
    assert sorted(ask(node, "SELECT k, v FROM kept.t")) == [(1, "one"), (2, "two")]
    node.pause()
    node.stop()
    assert not node.running, "a paused node does not stop"


# -- One node that runs

@pytest.fixture
def running(same_node) -> LocalNode:  # type: ignore[no-untyped-def]
    """Start it, in a folder where a process of long ago had the id that is ours today; or find it running."""
    node: LocalNode = same_node()
    ours = Process.of(os.getpid())
    assert ours is not None
    pid_file = node.data_dir / "node.pid"
    if not pid_file.exists():
        pid_file.parent.mkdir(exist_ok=True)
        pid_file.write_text(json.dumps({"pid": ours.pid, "started": "long ago"}))
    return started(node)


def test_a_stale_pid_file_is_passed_over(running: LocalNode) -> None:
    assert running.pid not in (None, os.getpid())


def test_a_running_node_is_found_at_the_address_that_it_has(running: LocalNode, same_node) -> None:  # type: ignore[no-untyped-def]
    # Another one would be 127.0.0.1:9042, where there may be somebody else's.
    settings = {"TASKAPP_DATA_DIR": str(running.data_dir)}
    second = same_node(address="127.0.0.1", native_port=9042)
    second.start()
    assert (second.started, second.address, second.native_port) == (False, running.address, running.native_port)
    status = well(run_taskapp("node", "status", "--json", **settings))
    assert (status["address"], status["native_port"], status["ready"]) == (running.address, running.native_port, True)
    assert well(run_taskapp("sync-tables", "--dry-run", "--json", **settings))["dry_run"] is True


def test_a_paused_node_answers_again_when_it_goes_on(running: LocalNode) -> None:
    running.pause()
    try:
        # the signal stops one thread after the other
        until(lambda: not running.ready, 5, "a paused node still answers")
        assert running.running
    finally:
        running.resume()
    assert running.ready


def test_a_copy_of_its_folder_does_not_take_it_for_its_own(running: LocalNode, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("node.pid", "lock", "cassandra.yaml"):
        (copy / name).write_bytes((running.data_dir / name).read_bytes())
    settings = {"TASKAPP_DATA_DIR": str(copy)}
    assert run_taskapp("node", "stop", **settings).stdout == "The node does not run\n"
    assert json.loads(run_taskapp("node", "status", "--json", **settings).stdout)["running"] is False
    assert running.ready


def test_another_cassandra_on_the_port_is_named(running: LocalNode, tmp_path: Path) -> None:
    other = LocalNode(tmp_path / "other", java=running.java, jars=running.jars, address=running.address,
                      native_port=running.native_port, storage_port=ports.find_free(running.address))
    with pytest.raises(NodeError, match="is in use by a Cassandra"):
        other.start()


def test_any_of_those_who_use_a_running_node_can_stop_it(running: LocalNode, same_node) -> None:  # type: ignore[no-untyped-def]
    second = started(same_node())
    assert not second.started
    assert second.pid == running.pid
    second.stop()
    until(lambda: not running.running, 5, "the process still runs")


# -- Starts that fail

@pytest.mark.parametrize("port", ["native_port", "storage_port"])
def test_a_port_in_use_is_told_before_java_starts(port: str, new_node) -> None:  # type: ignore[no-untyped-def]
    node = new_node()
    with (socket.create_server((node.address, getattr(node, port))),
          pytest.raises(NodeError, match=f"^Port {getattr(node, port)} of {node.address} is in use")):
        node.start()
    assert not node.running


def test_a_configuration_cassandra_refuses_is_told_in_one_line(new_node) -> None:  # type: ignore[no-untyped-def]
    node = new_node(overrides={"no_such_option": 1})
    node.start()
    with pytest.raises(NodeError, match=r"did not start: .*no_such_option") as caught:
        node.wait_ready()
    assert "\n" not in str(caught.value)
    assert caught.value.tail


def test_a_java_that_refuses_is_told_in_one_line(new_node) -> None:  # type: ignore[no-untyped-def]
    node = new_node(heap="1k")
    node.start()
    with pytest.raises(NodeError, match=r"did not start: .*heap"):
        node.wait_ready()
