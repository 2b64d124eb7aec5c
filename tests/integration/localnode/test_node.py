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


def test_data_survive_a_clean_stop_and_a_kill(new_node) -> None:  # type: ignore[no-untyped-def]
    node = started(new_node(fast=False))
    ask(node, KEYSPACE, "CREATE TABLE kept.t (k int PRIMARY KEY, v text)",
        "INSERT INTO kept.t (k, v) VALUES (1, 'one')")
    node.stop()

    node = started(new_node(fast=False))
    assert ask(node, "SELECT k, v FROM kept.t") == [(1, "one")]
    ask(node, "INSERT INTO kept.t (k, v) VALUES (2, 'two')")
    node.kill()

    node = started(new_node(fast=False))
    assert sorted(ask(node, "SELECT k, v FROM kept.t")) == [(1, "one"), (2, "two")]


def test_a_stop_leaves_no_process_and_no_listener(new_node) -> None:  # type: ignore[no-untyped-def]
    node = started(new_node())
    process = Process.of(node.pid or 0)
    assert process is not None
    node.stop()
    assert not process.alive
    assert not node.running
    assert node.pid is None
    ports.check_free(node.address, node.native_port, "")
    ports.check_free(node.address, node.storage_port, "")
    node.stop()  # a second time, nothing to do


def test_a_running_node_is_used_by_others_and_any_of_them_can_stop_it(new_node) -> None:  # type: ignore[no-untyped-def]
    first = started(new_node())
    second = started(new_node())
    assert (first.started, second.started) == (True, False)
    assert second.pid == first.pid
    second.stop()
    until(lambda: not first.running, 5, "the process still runs")


def test_a_running_node_is_found_at_the_address_that_it_has(new_node, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first = started(new_node())
    # Another one would be 127.0.0.1:9042, where there may be somebody else's.
    settings = {"TASKAPP_DATA_DIR": str(first.data_dir)}
    second = new_node(address="127.0.0.1", native_port=9042)
    second.start()
    assert (second.started, second.address, second.native_port) == (False, first.address, first.native_port)
    status = well(run_taskapp("node", "status", "--json", **settings))
    assert (status["address"], status["native_port"], status["ready"]) == (first.address, first.native_port, True)
    assert well(run_taskapp("sync-tables", "--dry-run", "--json", **settings))["dry_run"] is True


def test_a_paused_node_answers_again_when_it_goes_on(new_node) -> None:  # type: ignore[no-untyped-def]
    node = started(new_node())
    node.pause()
    assert node.running
    assert not node.ready
    node.resume()
    assert node.ready
    node.pause()
    node.stop()
    assert not node.running


def test_a_stale_pid_file_is_passed_over(new_node, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "data").mkdir()
    ours = Process.of(os.getpid())
    assert ours is not None
    (tmp_path / "data" / "node.pid").write_text(json.dumps({"pid": ours.pid, "started": "long ago"}))
    node = started(new_node())
    assert node.started
    assert node.pid != ours.pid
    assert ours.alive


@pytest.mark.parametrize("port", ["native_port", "storage_port"])
def test_a_port_in_use_is_told_before_java_starts(port: str, new_node) -> None:  # type: ignore[no-untyped-def]
    node = new_node()
    with (socket.create_server((node.address, getattr(node, port))),
          pytest.raises(NodeError, match=f"^Port {getattr(node, port)} of {node.address} is in use")):
        node.start()
    assert not node.running


def test_another_cassandra_on_the_port_is_named(new_node, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    node = started(new_node())
    other = LocalNode(tmp_path / "other", java=node.java, jars=node.jars, address=node.address,
                      native_port=node.native_port, storage_port=ports.find_free(node.address))
    with pytest.raises(NodeError, match="is in use by a Cassandra"):
        other.start()


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
