"""A port that is in use is told before Java starts."""

import socket
from collections.abc import Iterator

import pytest

from taskapp.localnode import ports
from taskapp.localnode.errors import NodeError


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_names_port_address_and_setting(listening: int) -> None:
    with pytest.raises(NodeError, match=f"^Port {listening} of 127.0.0.1 is in use; set TASKAPP_PORT to another"):
        ports.check_free("127.0.0.1", listening, "TASKAPP_PORT")


def test_a_free_port_is_free_and_stays_so() -> None:
    port = ports.find_free("127.0.0.1")
    ports.check_free("127.0.0.1", port, "TASKAPP_PORT")
    ports.check_free("127.0.0.1", port, "TASKAPP_PORT")


def test_an_address_of_another_machine() -> None:
    with pytest.raises(NodeError, match=r"^192\.0\.2\.1 is no address of this machine"):
        ports.check_free("192.0.2.1", 9042, "TASKAPP_CASSANDRA_PORT")


def test_what_only_listens_does_not_answer_cql() -> None:
    port = ports.find_free("127.0.0.1")
    assert not ports.answers_cql("127.0.0.1", port)
    assert not ports.accepts("127.0.0.1", port)
