"""The driver still has the private names that `driver/internals.py` reads: red when a new driver changes them."""

from unittest import mock

import pytest
from cassandra.cluster import ResponseFuture
from cassandra.pool import HostConnection
from cassandra.query import BatchStatement, SimpleStatement

from taskapp.cassandra.driver import internals


@pytest.fixture
def future() -> ResponseFuture:
    """A statement that was not sent."""
    return ResponseFuture(mock.MagicMock(), None, SimpleStatement("x"), timeout=1)


def test_a_statement_that_was_not_sent_has_no_node_and_no_errors(future: ResponseFuture) -> None:
    assert internals.current_host(future) is None
    assert internals.errors(future) == {}


def test_a_pool_has_its_connection() -> None:
    assert HostConnection._connection is None


def test_the_statements_of_a_batch_are_counted() -> None:
    batch = BatchStatement()
    for _ in range(3):
        batch.add(SimpleStatement("SELECT release_version FROM system.local"))
    assert internals.size(batch) == 3
