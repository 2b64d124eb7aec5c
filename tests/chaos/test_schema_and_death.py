"""The node dies while the tables are made or a migration runs: the next run goes on where that one was cut off.

Red when the lock of the run before is waited for longer than a start waits, when a step cannot be run twice, or when
what a node shows after its death is taken for what it knows (`cassandra/schema/reload.py`).
"""

import secrets
import subprocess
from collections.abc import Callable

import pytest
from cassandra.cluster import Cluster, Session

from taskapp.localnode import LocalNode
from tests.fixtures.client import Client
from tests.fixtures.command import COMMAND, run_taskapp, well
from tests.fixtures.service import ROOT, Service, kept_environment, until

Reached = Callable[[Session, str], bool]


@pytest.fixture
def place(fragile: Service) -> dict[str, str]:
    """Lead the service, and commands, to a keyspace that is not there yet."""
    fragile.environment["TASKAPP_CASSANDRA_KEYSPACE"] = f"ks_{secrets.token_hex(4)}"
    return {name: value for name, value in fragile.environment.items() if name.startswith("TASKAPP_CASSANDRA_")}


def tables(number: int) -> Reached:
    def reached(session: Session, keyspace: str) -> bool:
        rows = session.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s", (keyspace,))
        return len(list(rows)) >= number

    return reached


def migration_runs(session: Session, keyspace: str) -> bool:
    return any(row.state == "running" for row in session.execute(f"SELECT state FROM {keyspace}.migrations"))


def cut_off(node: LocalNode, place: dict[str, str], reached: Reached) -> None:
    """Begin to make the tables; kill the node when that has come so far, and start it again."""
    keyspace = place["TASKAPP_CASSANDRA_KEYSPACE"]
    with Cluster([node.address], port=node.native_port, protocol_version=5) as cluster:
        session = cluster.connect()
        command = subprocess.Popen([*COMMAND, "sync-tables"], cwd=ROOT, env={**kept_environment(), **place},
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: reached(session, keyspace), 60, "the tables are not made")
        node.kill()
    _, said = command.communicate(timeout=120)
    assert command.returncode == 1
    assert f"Error: Cassandra at {node.address} port {node.native_port} does not answer" in said
    assert "Traceback" not in said
    node.start()
    node.wait_ready()


def test_a_node_that_dies_at_each_step(own_node: LocalNode, place: dict[str, str], fragile: Service,
                                       caller: Client) -> None:
    for reached in (tables(1), tables(12), migration_runs):
        cut_off(own_node, place, reached)
    well(run_taskapp("sync-tables", "--json", **place))
    assert well(run_taskapp("sync-tables", "--dry-run", "--json", **place))["statements"] == []
    assert {each["state"] for each in well(run_taskapp("migrate", "status", "--json", **place))} == {"applied"}
    fragile.start()
    made = caller.make("made after all")
    assert made in caller.walk(status="pending")
