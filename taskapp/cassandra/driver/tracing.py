"""What became of statements: a line about each for the slow log, and Cassandra's own traces of a request.

Values are never shown; a partition is named by its token, which only someone who may read the table can turn back into
its key.

    with recording() as sent:
        ...                         # statements sent here are traced
    sent[0].traces(wait=5.0)        # what the nodes did for the first one, and when
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from cassandra import ConsistencyLevel
from cassandra.cluster import ResponseFuture
from cassandra.metadata import Murmur3Token
from cassandra.query import BatchStatement, TraceUnavailable
from cassandra.query import Statement as DriverStatement

from taskapp.cassandra.driver import internals
from taskapp.cassandra.errors import CAUGHT

# Where an event's words may be followed by data: the steps of a conditional write print the rows they read and write.
_DATA = re.compile(r"[(\[{|\n]|: | values? ")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a node did, in its words up to the first that might be data; microseconds since the node began."""

    source: str
    microseconds: int
    activity: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What the nodes did for one page of a statement; microseconds at the coordinator."""

    trace_id: str
    coordinator: str
    microseconds: int
    events: list[Event]


class Sent:
    """A statement that was sent while a recording ran.

    :param at: when, by ``time.perf_counter``
    """

    def __init__(self, name: str, statement: DriverStatement, future: ResponseFuture, at: float) -> None:
        self.name, self._statement, self._future, self._at = name, statement, future, at
        self.milliseconds: float | None = None
        self.error: str | None = None
        future.add_callbacks(self._arrived, self._failed)

    @property
    def statements(self) -> int:
        """How many statements it holds: those of a batch, else one."""
        return internals.size(self._statement) if isinstance(self._statement, BatchStatement) else 1

    @property
    def described(self) -> dict[str, str | int | None]:
        """Its coordinator, consistency and token, as ``describe``."""
        return describe(self._statement, self._future)

    def traces(self, wait: float) -> list[Trace]:
        """Read the traces, one for each page; nodes write them after they have answered.

        :param wait: seconds to wait for each
        :raise LookupError: they did not appear, or cannot be read; the message says why
        """
        try:
            # None when the statement was never answered.
            found = self._future.get_all_query_traces(max_wait_per=wait)
        except TraceUnavailable:
            raise LookupError(f"it did not come within {wait:.1f} s") from None
        except CAUGHT as error:
            raise LookupError(f"{type(error).__name__}: {error}") from error
        if found is None:
            raise LookupError("nobody answered")
        return [Trace(str(each.trace_id), str(each.coordinator), round(each.duration.total_seconds() * 1e6), [
            Event(str(event.source), round(event.source_elapsed.total_seconds() * 1e6) if event.source_elapsed else 0,
                  without_data(event.description)) for event in each.events]) for each in found]

    def _arrived(self, _: object) -> None:
        self.milliseconds = (time.perf_counter() - self._at) * 1000

    def _failed(self, error: Exception) -> None:
        self._arrived(error)
        self.error = type(error).__name__


def without_data(activity: str) -> str:
    """Return the words of an event up to the first that might be a value."""
    return _DATA.split(activity, maxsplit=1)[0].strip()


_recording: ContextVar[list[Sent] | None] = ContextVar("recording", default=None)


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """Trace every statement of this thread, and collect it."""
    sent: list[Sent] = []
    token = _recording.set(sent)
    try:
        yield sent
    finally:
        _recording.reset(token)


def wanted() -> bool:
    """Return whether statements are to be traced."""
    return _recording.get() is not None


def note(name: str, statement: DriverStatement, future: ResponseFuture, at: float) -> None:
    """Add a sent statement to the recording, if one runs."""
    sent = _recording.get()
    if sent is not None:
        sent.append(Sent(name, statement, future, at))


def describe(statement: DriverStatement, future: ResponseFuture) -> dict[str, str | int | None]:
    """Describe what an operator needs to find a statement's nodes.

    ``coordinator``, None if no node answered; ``consistency``, with that of the condition if it has one; ``token``, the
    Murmur3 token of the partition (a batch's first), None if it is not bound to one.
    """
    host, key = future.coordinator_host, statement.routing_key
    levels = [future.message.consistency_level]
    if _is_conditional(statement):
        levels.append(future.message.serial_consistency_level)
    return {"coordinator": str(host.endpoint) if host else None,
            "consistency": " + ".join(ConsistencyLevel.value_to_name[level] for level in levels),
            "token": Murmur3Token.from_key(key).value if key else None}


def _is_conditional(statement: DriverStatement) -> bool:
    if isinstance(statement, BatchStatement):
        return statement.serial_consistency_level is not None
    return " IF " in getattr(statement, "prepared_statement", statement).query_string
