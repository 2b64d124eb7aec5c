"""Expiry: when a task is over by itself, and how long its cells live. All functions are pure.

What tells that a task is over is ``expires_at``, to the millisecond; TTLs follow, and only free the space. The truth
and its history live a day longer, as long as the note of a change under way: so whatever a worker left unfinished when
it died, the end of an expiry included, is finished from a truth that is still there.
"""

from datetime import datetime, timedelta
from typing import Any

from taskapp.cassandra import ttl
from taskapp.features.tasks.models import Task
from taskapp.writepath.intents import UNFINISHED

KEPT = UNFINISHED
# A lifetime that was written seconds earlier or later is the same one.
_SAME = timedelta(minutes=1)


def moved(old: Task, new: Task) -> bool:
    """Tell whether a change gave a task another lifetime."""
    return old.expires_at != new.expires_at


def whole_ttl(task: Task, at: datetime) -> int:
    """Count the seconds for the truth of a task, written whole, and for its history."""
    return ttl.seconds(_end(task, ttl.WHOLE), at)


def part_ttl(task: Task, at: datetime) -> int:
    """Count the seconds for those columns of the truth that a change is about."""
    return ttl.seconds(_end(task, ttl.PART), at)


def fits(task: Task, found: int | None, at: datetime) -> bool:
    """Tell whether a row of the history lives as long as its task.

    :param found: its TTL, in seconds; None without one
    """
    wanted = whole_ttl(task, at)
    if not wanted or found is None:
        return not wanted and found is None
    return abs(timedelta(seconds=wanted - found)) <= _SAME


def applied(members: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Turn the ``expires_in`` of a request, if there is one, into the time at which the task expires."""
    if "expires_in" not in members:
        return members
    seconds = members["expires_in"]
    rest = {name: value for name, value in members.items() if name != "expires_in"}
    return {**rest, "expires_at": None if seconds is None else at + timedelta(seconds=seconds)}


def _end(task: Task, margin: timedelta) -> datetime | None:
    return task.expires_at + KEPT + margin if task.expires_at else None
