"""`taskapp init-wildlife`, and `taskapp run`, which does the same: the tables are made, filled, and never overwritten.

Red when a row is written without asking whether it is there: the sighting that somebody changed would be lost.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from taskapp.localnode import ports
from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client
from tests.fixtures.command import Command, well
from tests.fixtures.service import ROOT, until

START_SECONDS = 90


@dataclass(frozen=True)
class Filled:
    """A keyspace that `taskapp init-wildlife` has made and filled, and what it said of it."""

    keyspace: str
    said: dict[str, Any]


@pytest.fixture(scope="module")
def filled(command: Command, new_keyspace: Callable[[], str]) -> Filled:
    keyspace = new_keyspace()
    return Filled(keyspace, well(command(keyspace, "init-wildlife", "--json")))


@pytest.fixture
def emptied(filled: Filled, session: Any) -> str:
    """Take the rows from that keyspace; what makes tables is slow, and not what these tests are about."""
    for table in ("animals", "plants"):
        session.execute(f"TRUNCATE {filled.keyspace}.{table}")
    return filled.keyspace


def sightings(session: Any, keyspace: str) -> dict[str, int]:
    rows = session.execute(f"SELECT species, sightings FROM {keyspace}.plants WHERE genus = 'Plantago'")
    return {row["species"]: row["sightings"] for row in rows}


def test_a_new_keyspace_is_made_and_filled_twice_without_harm(command: Command, session: Any, filled: Filled) -> None:
    keyspace = filled.keyspace
    assert filled.said == {"added": {"animals": 3, "plants": 88}, "of": 91}
    first = sightings(session, keyspace)
    assert (len(first), first["afra"], first["wrightiana"]) == (88, 3, 1 + 87 % 5 + (87 + 5) % 3)

    session.execute(f"UPDATE {keyspace}.plants SET sightings = 999 WHERE genus = 'Plantago' AND species = 'major'")
    session.execute(f"DELETE FROM {keyspace}.plants WHERE genus = 'Plantago' AND species = 'afra'")
    assert well(command(keyspace, "init-wildlife", "--json"))["added"] == {"animals": 0, "plants": 1}
    assert sightings(session, keyspace) == {**first, "major": 999}
    taxa = session.execute(f"SELECT taxonomy FROM {keyspace}.animals WHERE genus = 'Saitis'").one()
    assert len(taxa["taxonomy"]) == 4

    plain = command(keyspace, "init-wildlife")
    assert (plain.returncode, plain.stdout) == (0, "0 animals and 0 plants added; all 91 are there\n")
    assert plain.stderr == ""
    assert well(command(keyspace, "sync-tables", "--json"))["statements"] == []


def test_newer_tables_are_left_alone(command: Command, session: Any, emptied: str) -> None:
    (state,) = session.execute(f"SELECT version FROM {emptied}.schema_state WHERE scope = 'taskapp'")
    session.execute(f"UPDATE {emptied}.schema_state SET version = 999 WHERE scope = 'taskapp'")
    try:
        done = command(emptied, "init-wildlife")
    finally:
        session.execute(f"UPDATE {emptied}.schema_state SET version = {state['version']} WHERE scope = 'taskapp'")
    assert done.returncode == 1
    assert "newer than this process" in done.stderr
    assert sightings(session, emptied) == {}


def test_a_cluster_that_is_away_is_one_line(command: Command) -> None:
    done = command("test_nowhere", "init-wildlife", TASKAPP_CASSANDRA_CONTACT_POINTS="127.0.0.79",
                   TASKAPP_CASSANDRA_PORT="1")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "127.0.0.79" in done.stderr


def test_taskapp_run_fills_them_as_well(cassandra: Cassandra, emptied: str, tmp_path: Path) -> None:
    port = ports.find_free("127.0.0.1")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TASKAPP_", "PORT"))}
    environment = {**kept, **cassandra.environment, "PORT": str(port), "TASKAPP_CASSANDRA_KEYSPACE": emptied,
                   "TMPDIR": str(tmp_path)}
    client = Client(f"http://127.0.0.1:{port}")

    def ready() -> bool:
        try:
            return client.get("/health/ready").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "taskapp.cli", "run"], cwd=ROOT, env=environment, stdout=out,
                                   stderr=subprocess.STDOUT)
    try:
        until(ready, START_SECONDS, lambda: log.read_text()[-3000:])
        # At once: who reads that it is ready finds the tutorial's rows.
        assert len(client.get("/plant/Plantago").ok()) == 88
        assert [animal["species"] for animal in client.get("/animal/Vanessa").ok()] == ["atalanta", "cardui"]
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
