"""Walks: the successive pages of one list, which miss no task that was there all along.

By creation, no task ever moves, and a page only needs to know where the previous one ended (keyset pagination). By due
date, a change may move a task from ahead of the walk to behind it. So when such a walk has reached its end, it goes
over the tasks whose due date changed since it began, newest first, an order in which nothing moves; ``rescheduled_at``
identifies them.

Workers' clocks differ, and it takes a while from the time of a change until its rows are written. So changes within
``MARGIN`` before the walk count as well, unless the walk has met their tasks: the cursor names those. If there are more
than ``MAX_MET`` of them, it relies on the clocks alone, rather than return all of them twice.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from taskapp.features.tasks import listing
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.listing import Listing
from taskapp.features.tasks.models import ListedTask
from taskapp.features.tasks.order import Position
from taskapp.kit import clock

# About five times what a request may wait for the database (`TASKAPP_REQUEST_BUDGET`), so that it also covers a change
# whose outcome was unknown, once the sweeper has derived it; hosts with synchronized clocks differ by far less.
MARGIN = timedelta(seconds=10)
# How many ids a cursor has room for (`kit/parameters.py`, `MAX_CURSOR_LENGTH`).
MAX_MET = 16


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk got.

    :param began: when its first page was read
    :param after: where the last page ended; None before the first page of a part
    :param met: ids, in the form that rows have, of tasks that moved in the margin before it began and that it has met
        since; None if there were too many
    :param last: whether it is in its last part, which goes over tasks that moved
    """

    began: datetime
    after: Position | None = None
    met: frozenset[str] | None = frozenset()
    last: bool = False

    def packed(self) -> list[Any]:
        """Return the JSON values for a cursor."""
        met = None if self.met is None else sorted(uuid.UUID(each).hex for each in self.met)
        return [clock.micros(self.began) // 1000, int(self.last), met, *(self.after.packed() if self.after else ())]

    @classmethod
    def unpacked(cls, values: list[Any]) -> "Walk":
        """Read the values of a cursor."""
        began, last, met, *after = values
        return cls(clock.EPOCH + timedelta(milliseconds=began), Position.unpacked(after) if after else None,
                   None if met is None else frozenset(str(uuid.UUID(hex=each)) for each in met), bool(last))

    @property
    def since(self) -> datetime:
        """The earliest time at which a change may have moved a task past the walk."""
        return self.began if self.met is None else self.began - MARGIN

    def meet(self, rows: list[ListedTask]) -> "Walk":
        """Record the rows of a page by due date that moved within the margin."""
        if self.met is None:
            return self
        since, began = clock.rfc3339(self.since), clock.rfc3339(self.began)
        met = self.met.union(row.task_id for row in rows if since <= (row.moved_at or "") < began)
        return replace(self, met=met if len(met) <= MAX_MET else None)


def page(listed: Listing, openings: Mapping[uuid.UUID, Openings], walk: Walk, limit: int, consistency: int | None = None
         ) -> tuple[list[ListedTask], Walk | None]:
    """Read the next page of a walk; also return how far it got, if there may be more."""
    rows: list[ListedTask] = []
    if not walk.last:
        rows, end = listing.page(listed, openings, walk.after, limit, consistency)
        if not listed.order.by_due:
            return rows, replace(walk, after=end) if end else None
        walk = walk.meet(rows)
        if end:
            return rows, replace(walk, after=end)
        walk = replace(walk, after=None, last=True)
    moved, further = _moved(listed, openings, walk, rows, limit - len(rows), consistency)
    return [*rows, *moved], further


def _moved(listed: Listing, openings: Mapping[uuid.UUID, Openings], walk: Walk, rows: list[ListedTask], limit: int,
           consistency: int | None) -> tuple[list[ListedTask], Walk | None]:
    without = (walk.met or frozenset()).union(row.task_id for row in rows)
    asked = replace(listed, sort="-created_at", since=walk.since, without=without)
    if limit:
        found, end = listing.page(asked, openings, walk.after, limit, consistency)
        return found, replace(walk, after=end) if end else None
    found, _ = listing.page(asked, openings, walk.after, 1, consistency)
    return [], walk if found else None
