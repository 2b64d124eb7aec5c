"""Private names of the driver, all in one place; `tests/unit/cassandra/test_internals.py` fails when they change."""

from typing import Any

from cassandra.cluster import ResponseFuture, Session
from cassandra.query import BatchStatement


def current_host(future: ResponseFuture) -> Any:
    """Return the node that a statement was sent to last."""
    return future._current_host


def errors(future: ResponseFuture) -> dict[Any, Exception]:
    """Return what each node answered that refused or failed a statement, so far."""
    return dict(future._errors)


def size(batch: BatchStatement) -> int:
    """Return the number of statements in a batch."""
    return len(batch._statements_and_parameters)


def connections(session: Session) -> list[Any]:
    """Return the open connections to nodes: from version 3 of the native protocol on, one per pool while it is up."""
    return [pool._connection for pool in session.get_pools() if pool._connection]
