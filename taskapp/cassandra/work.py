"""What one request spends at the database, and how long it may: read by statements, shown by the HTTP room."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Work:
    """The database work of one request: a deadline (monotonic seconds), statements, and seconds waited for so far."""

    deadline: float
    statements: int = 0
    seconds: float = 0.0

    def left(self) -> float:
        """Tell the seconds that are left, never less than a moment, so that a driver's timeout stays valid."""
        return max(0.01, self.deadline - time.monotonic())


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> Work | None:
    """Return the work of the request under way, if there is one."""
    return _current.get()


def begin(budget: float) -> Work:
    """Begin a request that may spend ``budget`` seconds in all."""
    work = Work(time.monotonic() + budget)
    _current.set(work)
    return work


def end() -> None:
    """Forget the request."""
    _current.set(None)


@contextmanager
def working(budget: float) -> Iterator[Work]:
    """Do some work, not of a request, under a budget of seconds."""
    before = _current.get()
    try:
        yield begin(budget)
    finally:
        _current.set(before)
