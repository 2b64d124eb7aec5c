"""What can go wrong with the database, in three words: unavailable, unknown, or a fault of ours."""

from collections.abc import Iterable

from cassandra import (
    OperationTimedOut,
    RequestExecutionException,
    RequestValidationException,
    Unavailable,
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionException
from cassandra.protocol import ErrorMessage, IsBootstrappingErrorMessage, ProtocolException
from cassandra.protocol import RequestValidationException as RequestValidationMessage

# A node refused the statement before anything was stored. Overloaded is not among them: a node says so as well when it
# has already put a batch into its batch log, and then carries it out later (StorageProxy.sendToHintedReplicas).
_REFUSED = (Unavailable, IsBootstrappingErrorMessage)
# The statement itself is at fault, so sending it again is no use.
_OURS = (RequestValidationException, RequestValidationMessage, ProtocolException)
CAUGHT = (OperationTimedOut, RequestExecutionException, RequestValidationException, ErrorMessage, ConnectionException,
          NoHostAvailable)


class DatabaseUnavailable(Exception):
    """The statement was not carried out; nothing was stored."""


class CircuitOpen(DatabaseUnavailable):
    """The statement was not sent, since the database has not been answering.

    :param seconds: until the database is tried again
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("the circuit breaker is open: the database has not been answering")
        self.seconds = seconds


class OutcomeUnknown(Exception):
    """A write was sent, and nobody said whether it was stored."""


class BatchTooLarge(Exception):
    """A node takes no batch of this size; nothing was stored."""


class SchemaError(Exception):
    """The tables are not what this process needs; the message says in what."""


def translate(error: Exception, statement: str, *, writes: bool, tries: Iterable[object] = ()) -> Exception:
    """Turn a driver's error into ours; a fault of ours comes back as it is.

    :param statement: the statement's name, for the log
    :param writes: whether it would have changed something, so that silence leaves the outcome unknown
    :param tries: what each node said that it was sent to, None for silence; the last word may come from one that
        refused it, after another one took it and fell silent
    """
    if isinstance(error, _OURS):
        # Untyped in the driver.
        ours: Exception = error
        return ours
    unknown = writes and any(not isinstance(each, _REFUSED) for each in tries)
    kind = OutcomeUnknown if unknown else DatabaseUnavailable
    return kind(f"{statement}: {type(error).__name__}: {error}")


def is_failure(error: Exception) -> bool:
    """Tell whether an error is the database's: it could not do what it was rightly asked to."""
    return isinstance(error, CAUGHT) and not isinstance(error, _OURS)
