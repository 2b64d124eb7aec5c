"""Queries for activity."""

import uuid
from datetime import datetime
from typing import Any

from taskapp.cassandra.mapper import Select, bind, max_timeuuid, min_timeuuid
from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.activity.models import Event, EventMonth

_OF_MONTH = Event.objects.filter(Event.user_id == bind("user_id"), Event.month == bind("month"))
_SINCE = _OF_MONTH.filter(Event.event_id > max_timeuuid("after"))
_MONTHS = Select("events.months", EventMonth.objects.filter(EventMonth.user_id == bind("user_id")))
_FIRST = Select("events.page", _SINCE.filter(Event.event_id < min_timeuuid("before")).limit(bind("size")))
_NEXT = Select("events.next_page", _SINCE.filter(Event.event_id < bind("last")).limit(bind("size")))
_PRESENT = Select("events.present", _OF_MONTH.filter(Event.event_id.in_(bind("ids"))))


def months(user_id: uuid.UUID, consistency: int | None = None) -> list[datetime]:
    """List the months in which a user has events, newest first."""
    return [row.month for row in _MONTHS.all(user_id=user_id, consistency=consistency)]


def send_page(user_id: uuid.UUID, month: datetime, *, after: datetime, before: datetime, last: uuid.UUID | None,
              limit: int, consistency: int | None = None) -> Answered[Event]:
    """Request a page of a month's events, newest first, between two times, both exclusive.

    :param last: the event to continue after, in place of ``before``
    """
    common: dict[str, Any] = {"user_id": user_id, "month": month, "after": after, "size": limit,
                              "consistency": consistency}
    return _NEXT.ask(last=last, **common) if last else _FIRST.ask(before=before, **common)


def present(user_id: uuid.UUID, month: datetime, ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of a month's events are stored."""
    return {row.event_id for row in _PRESENT.all(user_id=user_id, month=month, ids=ids)}
