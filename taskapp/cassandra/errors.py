"""What can go wrong with the database, in three words: unavailable, unknown, or a fault of ours."""

from cassandra import InvalidRequest, OperationTimedOut, RequestExecutionException, Unauthorized, Unavailable
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionException, ConnectionShutdown
from cassandra.protocol import (
    ErrorMessage,
    IsBootstrappingErrorMessage,
    OverloadedErrorMessage,
    SyntaxException,
)

# The statement was refused before anything was stored.
_REFUSED = (Unavailable, OverloadedErrorMessage, IsBootstrappingErrorMessage)
# The statement itself is at fault, so sending it again is no use.
_OURS = (InvalidRequest, SyntaxException, Unauthorized)
CAUGHT = (OperationTimedOut, RequestExecutionException, ErrorMessage, ConnectionException, NoHostAvailable,
          InvalidRequest, Unauthorized)


class DatabaseUnavailable(Exception):
    """The statement was not carried out; nothing was stored."""


class OutcomeUnknown(Exception):
    """A write was sent, and nobody said whether it was stored."""


class SchemaError(Exception):
    """The tables are not what this process needs; the message says in what."""


def translate(error: Exception, statement: str, *, writes: bool) -> Exception:
    """Turn a driver's error into ours; a fault of ours comes back as it is.

    :param statement: the statement's name, for the log
    :param writes: whether it would have changed something, so that silence leaves the outcome unknown
    """
    if isinstance(error, _OURS):
        # Untyped in the driver.
        ours: Exception = error
        return ours
    if isinstance(error, NoHostAvailable):
        unknown = any(_was_sent(each) for each in dict(error.errors).values())
    else:
        unknown = _was_sent(error)
    kind = OutcomeUnknown if writes and unknown else DatabaseUnavailable
    return kind(f"{statement}: {type(error).__name__}: {error}")


def _was_sent(error: Exception) -> bool:
    # A pool that is shut, or has no free connection, says so before a byte was sent.
    if isinstance(error, ConnectionException):
        return isinstance(error, ConnectionShutdown)
    return not isinstance(error, _REFUSED)
