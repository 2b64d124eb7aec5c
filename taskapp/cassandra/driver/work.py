"""What one request spends on the database, and how much it may: read by statements, shown over HTTP."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Work:
    """The database work of a request: budget in seconds, monotonic deadline, statements and seconds waited for so far.

    :ivar silent: nodes that left it without an answer, which are tried last from then on
    """

    budget: float
    deadline: float
    statements: int = 0
    seconds: float = 0.0
    silent: set[object] = field(default_factory=set)

    def left(self) -> float:
        """Return the seconds left, never less than 0.01, so that a driver timeout stays valid."""
        return max(0.01, self.deadline - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() >= self.deadline

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Send statements under the full budget again, though the request itself may be over."""
        self.deadline = time.monotonic() + self.budget
        before = _current.get()
        _current.set(self)
        try:
            yield
        finally:
            _current.set(before)


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> Work | None:
    """Return the work of the current request, if there is one."""
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
    """Do work that belongs to no request, under a budget of seconds."""
    before = _current.get()
    try:
        yield begin(budget)
    finally:
        _current.set(before)


@contextmanager
def elsewhere() -> Iterator[None]:
    """Wait for something other than the database, without using up the budget."""
    begun = time.monotonic()
    try:
        yield
    finally:
        if work := _current.get():
            work.deadline += time.monotonic() - begun


@contextmanager
def apart() -> Iterator[None]:
    """Do what does not belong to the current request, outside its budget."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
