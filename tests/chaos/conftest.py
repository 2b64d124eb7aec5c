"""A node of its own for each module, that its tests may kill, and services in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskapp.localnode import LocalNode, ports, prepare
from taskapp.settings import Settings
from tests.fixtures.client import Client
from tests.fixtures.service import Service

ADDRESS = "127.0.0.40"


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNode]:
    """A node that nobody else uses; `fast` is off, so that what it acknowledged survives its death."""
    java, jars = prepare(Settings.from_env())
    node = LocalNode(tmp_path_factory.mktemp("node"), java=java, jars=jars, address=ADDRESS,
                     native_port=ports.find_free(ADDRESS), storage_port=ports.find_free(ADDRESS))
    node.start()
    node.wait_ready()
    yield node
    node.kill()


@pytest.fixture
def fragile(own_node: LocalNode, tmp_path: Path) -> Iterator[Service]:
    """The service on that node, not started yet."""
    made = Service(tmp_path, {
        "TASKAPP_CASSANDRA_CONTACT_POINTS": ADDRESS, "TASKAPP_CASSANDRA_PORT": str(own_node.native_port),
        "PORT": str(ports.find_free("127.0.0.1")), "TMPDIR": str(tmp_path), "TASKAPP_WORKERS": "2"})
    yield made
    made.stop()


@pytest.fixture
def caller(fragile: Service) -> Iterator[Client]:
    """A client of that service."""
    made = Client(fragile.url)
    yield made
    made.close()
