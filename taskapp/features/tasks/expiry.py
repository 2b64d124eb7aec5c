"""Expiry: when a task expires, and how long its cells live. All functions are pure.

A task expires at ``expires_at``, to the millisecond; TTLs follow, and only free the space. The truth and its history
live a day longer, as long as the note of a change under way. So whatever a worker left unfinished when it died,
including the removal of an expiry, can be finished from a truth that is still there.
"""

from datetime import datetime, timedelta
from typing import Any

from taskapp.cassandra.mapper import ttl
from taskapp.features.tasks.models import Task
from taskapp.writepath.intents import UNFINISHED

KEPT = UNFINISHED
# Lifetimes that differ by less than this are the same, written a few seconds apart.
_SAME = timedelta(minutes=1)


def moved(old: Task, new: Task) -> bool:
    """Return whether a change gave a task a different expiry."""
    return old.expires_at != new.expires_at


def whole_ttl(task: Task, at: datetime) -> int:
    """Return the TTL, in seconds, of a task's truth when it is written whole, and of its history."""
    return ttl.seconds(_end(task, ttl.WHOLE), at)


def part_ttl(task: Task, at: datetime) -> int:
    """Return the TTL, in seconds, of the columns of the truth that a change writes."""
    return ttl.seconds(_end(task, ttl.PART), at)


def fits(task: Task, found: int | None, at: datetime) -> bool:
    """Return whether a row of the history lives as long as its task.

    :param found: the row's TTL in seconds; None if it has none
    """
    wanted = whole_ttl(task, at)
    if not wanted or found is None:
        return not wanted and found is None
    return abs(timedelta(seconds=wanted - found)) <= _SAME


def applied(members: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Turn the ``expires_in`` of a request, if present, into ``expires_at``."""
    if "expires_in" not in members:
        return members
    seconds = members["expires_in"]
    rest = {name: value for name, value in members.items() if name != "expires_in"}
    return {**rest, "expires_at": None if seconds is None else at + timedelta(seconds=seconds)}


def _end(task: Task, margin: timedelta) -> datetime | None:
    return task.expires_at + KEPT + margin if task.expires_at else None
