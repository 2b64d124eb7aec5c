"""Events: what a change leaves in its actor's activity.

An event is a pure function of a change, as a list's row is one of a task, and never changes: it may be written any
number of times, and can be recomputed from the history. Its month is stored beside it, once for all of its events.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from taskapp.features.activity import queries
from taskapp.features.activity.models import Event, EventMonth
from taskapp.kit import clock
from taskapp.writepath.aggregate import Change
from taskapp.writepath.projections import Projection, Write

# Events looked up per query.
_ASKED = 100


def month(at: datetime) -> datetime:
    """Truncate a time to its month."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def event(user_id: uuid.UUID, at: datetime, low: uuid.UUID, kind: str, task_id: uuid.UUID, version: int) -> Event:
    """Make an event.

    :param low: a UUID whose lower half makes the event's id unique
    """
    return Event(user_id=user_id, month=month(at), event_id=clock.timeuuid(at, low=low.int), kind=kind,
                 task_id=task_id, version=version)


class Events:
    """The consumer of changes that keeps an event for each."""

    def writes(self, change: Change) -> list[Write]:
        """Derive the event of a change."""
        return EVENTS.whole(change)

    def missing(self, changes: Iterable[Change]) -> list[Write]:
        """Derive the events of changes that are not stored yet."""
        months: dict[tuple[uuid.UUID, datetime], dict[uuid.UUID, Change]] = {}
        for change in changes:
            made, = _of_change(change)
            months.setdefault((made.user_id, made.month), {})[made.event_id] = change
        missing: list[Write] = []
        for (user_id, at), wanted in months.items():
            ids = list(wanted)
            for first in range(0, len(ids), _ASKED):
                some = ids[first:first + _ASKED]
                there = queries.present(user_id, at, some)
                missing += [write for each in some if each not in there for write in self.writes(wanted[each])]
        return missing


def _of_change(change: Change) -> Iterator[Event]:
    yield event(change.actor, change.at, change.change_id, change.kind, change.aggregate_id, change.version)


def _month_of(event: Event) -> Iterator[EventMonth]:
    yield EventMonth(user_id=event.user_id, month=event.month)


MONTHS = Projection(EventMonth, _month_of, lambda event: clock.micros(event.month), is_constant=True)
EVENTS = Projection(Event, _of_change, lambda change: clock.micros(change.at), beside=MONTHS)
