"""What one request spends at the database, and how long it may: read by statements, shown over HTTP."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Work:
    """The database work of a request: its seconds, their end (monotonic), statements and seconds waited for so far.

    :ivar silent: nodes that left it without an answer, which are asked last from then on
    """

    budget: float
    deadline: float
    statements: int = 0
    seconds: float = 0.0
    silent: set[object] = field(default_factory=set)

    def left(self) -> float:
        """Tell the seconds that are left, never less than a moment, so that a driver's timeout stays valid."""
        return max(0.01, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() >= self.deadline

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Send statements under the whole budget again, though the request itself may be over."""
        self.deadline = time.monotonic() + self.budget
        before = _current.get()
        _current.set(self)
        try:
            yield
        finally:
            _current.set(before)


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> Work | None:
    """Return the work of the request under way, if there is one."""
    return _current.get()


def begin(budget: float) -> Work:
    """Begin a request that may spend ``budget`` seconds in all."""
    work = Work(budget, time.monotonic() + budget)
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


@contextmanager
def elsewhere() -> Iterator[None]:
    """Wait for something else than the database: that takes nothing from its time."""
    begun = time.monotonic()
    try:
        yield
    finally:
        if work := _current.get():
            work.deadline += time.monotonic() - begun


@contextmanager
def apart() -> Iterator[None]:
    """Do what does not belong to the request under way, so that its time is not that of the request."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
