"""What the driver's errors mean: nothing was stored, nobody knows, or a fault of ours.

Red when the last word alone decides: a node that refuses may come after one that took the write and fell silent.
"""

import pytest
from cassandra import InvalidRequest, OperationTimedOut, ReadTimeout, Unauthorized, Unavailable, WriteTimeout
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionShutdown
from cassandra.protocol import (
    ErrorMessage,
    IsBootstrappingErrorMessage,
    OverloadedErrorMessage,
    ProtocolException,
    SyntaxException,
)

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, is_failure, translate

REFUSED = [Unavailable(""), IsBootstrappingErrorMessage(0, "", None)]
SILENT = [OperationTimedOut(), WriteTimeout("", write_type=0), ConnectionShutdown(""), ErrorMessage(0x1700, "", None),
          OverloadedErrorMessage(0, "", None), None]
OURS = [InvalidRequest(), Unauthorized(), SyntaxException(0, "", None), ProtocolException(0, "", None)]
LAST = NoHostAvailable("", {})


@pytest.mark.parametrize("said", SILENT, ids=repr)
def test_a_write_that_a_node_took_and_did_not_refuse_may_be_stored(said: object) -> None:
    for tries in ([said], [said, Unavailable("")], [Unavailable(""), said]):
        assert isinstance(translate(LAST, "x", writes=True, tries=tries), OutcomeUnknown)
        assert isinstance(translate(LAST, "x", writes=False, tries=tries), DatabaseUnavailable)


@pytest.mark.parametrize("tries", [[], [REFUSED[0]], [REFUSED[1]], REFUSED], ids=repr)
def test_what_every_node_refused_was_not_stored(tries: list[object]) -> None:
    assert isinstance(translate(LAST, "x", writes=True, tries=tries), DatabaseUnavailable)


@pytest.mark.parametrize("error", OURS, ids=repr)
def test_a_fault_of_ours_stays_what_it_is(error: Exception) -> None:
    assert translate(error, "x", writes=True, tries=[error]) is error
    assert not is_failure(error)


@pytest.mark.parametrize("error", [*REFUSED, *SILENT[:-1], ReadTimeout(""), LAST], ids=repr)
def test_what_counts_against_the_database(error: Exception) -> None:
    assert is_failure(error)
