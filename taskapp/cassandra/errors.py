"""What can go wrong with the database: it is unavailable, the outcome is unknown, or the fault is ours."""

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

# A node refused the statement before anything was stored. Overloaded is not one of them: a node also answers it
# after writing a batch to its batch log, and then executes the batch later (StorageProxy.sendToHintedReplicas).
_REFUSED = (Unavailable, IsBootstrappingErrorMessage)
# The statement itself is at fault, so retrying is no use.
_OURS = (RequestValidationException, RequestValidationMessage, ProtocolException)
CAUGHT = (OperationTimedOut, RequestExecutionException, RequestValidationException, ErrorMessage, ConnectionException,
          NoHostAvailable)


class DatabaseUnavailable(Exception):
    """The statement was not executed; nothing was stored."""


class CircuitOpen(DatabaseUnavailable):
    """The statement was not sent, because the database has not been answering.

    :param seconds: until the database is tried again
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("the circuit breaker is open: the database has not been answering")
        self.seconds = seconds


class OutcomeUnknown(Exception):
    """A write was sent, and no node said whether it was stored."""


class BatchTooLarge(Exception):
    """A node accepts no batch of this size; nothing was stored."""


class SchemaError(Exception):
    """The tables are not what this process needs; the message says how they differ."""


def translate(error: Exception, statement: str, *, writes: bool, tries: Iterable[object] = ()) -> Exception:
    """Translate a driver error into ours; return one that is our fault unchanged.

    :param statement: the statement's name, for the log
    :param writes: whether it is a write, so that silence leaves the outcome unknown
    :param tries: what each node it was sent to said, None for silence; the last error may come from a node that
        refused it after another had accepted it and fallen silent
    """
    if isinstance(error, _OURS):
        # Untyped in the driver.
        ours: Exception = error
        return ours
    unknown = writes and any(not isinstance(each, _REFUSED) for each in tries)
    kind = OutcomeUnknown if unknown else DatabaseUnavailable
    return kind(f"{statement}: {type(error).__name__}: {error}")


def is_failure(error: Exception) -> bool:
    """Return whether an error is the database's fault: it could not execute a valid statement."""
    return isinstance(error, CAUGHT) and not isinstance(error, _OURS)
