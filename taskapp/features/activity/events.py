"""Events: what a change leaves in its actor's activity.

An event is a pure function of a change, as a list's row is one of a task, and never changes itself; so it may be
written as often as one likes, and is found again from the history. Beside it stands its month, once for all of its
events.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from taskapp.cassandra.projections import Projection, Write
from taskapp.features.activity.models import Event, EventMonth
from taskapp.kit import clock

Month = tuple[uuid.UUID, datetime]
_REMEMBERED = 10_000


class Change(Protocol):
    """One step of something that has versions."""

    @property
    def change_id(self) -> uuid.UUID:
        """Its id."""

    @property
    def task_id(self) -> uuid.UUID:
        """What was changed."""

    @property
    def version(self) -> int:
        """The version that it led to."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def actor(self) -> uuid.UUID:
        """Who made it."""

    @property
    def kind(self) -> str:
        """What was done, in a word."""


def month(at: datetime) -> datetime:
    """Cut a time to its month."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def event(user_id: uuid.UUID, at: datetime, low: uuid.UUID, kind: str, task_id: uuid.UUID, version: int) -> Event:
    """Make an event.

    :param low: whose lower half makes the event's id one of its own
    """
    return Event(user_id=user_id, month=month(at), event_id=clock.timeuuid(at, low=low.int), kind=kind,
                 task_id=task_id, version=version)


def of(change: Change) -> list[Write]:
    """Derive the event of a change."""
    return EVENTS.whole(change)


def with_months(writes: Sequence[Write], known: Collection[Month] = ()) -> list[Write]:
    """Add the months of the events among some writes, but for those that are known to be there."""
    months = {_month(write) for write in writes if write.projection.model is Event and not write.removes}
    return [*writes, *(write for user_id, at in months - set(known)
                       for write in MONTHS.whole(EventMonth(user_id=user_id, month=at)))]


class Months:
    """The months that this process has seen stored, so that most events need no second row; safe for many threads."""

    def __init__(self) -> None:
        self._known: set[Month] = set()

    def named(self, writes: Sequence[Write]) -> list[Write]:
        """Add the months of the events among some writes that this process has not seen stored."""
        return with_months(writes, self._known)

    def stored(self, writes: Sequence[Write]) -> None:
        """Remember the months among writes that were acknowledged."""
        found = [_month(write) for write in writes if write.projection is MONTHS]
        if found and len(self._known) >= _REMEMBERED:
            self._known = set()
        self._known.update(found)


def _month(write: Write) -> Month:
    return write.values["user_id"], write.values["month"]


def _of_change(change: Change) -> Event:
    return event(change.actor, change.at, change.change_id, change.kind, change.task_id, change.version)


def _itself(month: EventMonth) -> EventMonth:
    return month


EVENTS = Projection(Event, _of_change, lambda change: clock.micros(change.at))
MONTHS = Projection(EventMonth, _itself, lambda month: clock.micros(month.month))
