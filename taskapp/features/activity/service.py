"""The use cases of activity."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from taskapp.features.activity import policies, queries
from taskapp.features.activity.events import month
from taskapp.features.activity.models import Event
from taskapp.kit import clock
from taskapp.kit.caller import Caller

# Months queried at once, after the newest, which usually fills the page.
AT_ONCE = 12
# Allowed clock skew between two machines, so that a change another one has just made is not left out.
SKEW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events of a user: between two times, both exclusive, after a position."""

    user_id: uuid.UUID
    after: datetime | None = None
    before: datetime | None = None
    last: uuid.UUID | None = None


def events(caller: Caller, asked: Asked, limit: int, consistency: int | None = None) -> list[Event]:
    """Read events, newest first.

    :raise Problem: ``not_found``
    """
    policies.check_sees(caller, asked.user_id)
    return list(islice(_walk(asked, clock.now(), limit, consistency), limit))


def _walk(asked: Asked, now: datetime, limit: int, consistency: int | None) -> Iterator[Event]:
    after, before = max(asked.after or clock.EPOCH, clock.EPOCH), min(asked.before or now + SKEW, now + SKEW)
    newest = month(clock.timeuuid_time(asked.last) if asked.last else before)
    left = iter([each for each in queries.months(asked.user_id, consistency) if month(after) <= each <= newest])
    size = 1
    while some := list(islice(left, size)):
        sent = [(each, queries.send_page(asked.user_id, each, after=after, before=before, limit=limit,
                                         last=asked.last if each == newest else None, consistency=consistency))
                for each in some]
        for each, answer in sent:
            found = answer.all()
            while found:
                yield from (event for event in found if _has_come(event, now))
                found = queries.send_page(asked.user_id, each, after=after, before=before, last=found[-1].event_id,
                                          limit=limit, consistency=consistency).all() if len(found) == limit else []
        size = AT_ONCE


def _has_come(event: Event, now: datetime) -> bool:
    # The expiry of a task is stored in advance.
    return event.kind != "expired" or event.at <= now
