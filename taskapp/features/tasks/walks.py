"""Walks: the pages of one list, one after the other, in which no task is lost that was there all the time.

By creation no task ever moves, and a page needs to know no more than where the one before ended. By due date a change
may move a task from ahead of the walk to behind it. So when such a walk has come to its end, it goes over the tasks
whose due date changed since it began, newest first, an order in which nothing moves; ``rescheduled_at`` tells them.

Workers' clocks differ, and a change takes a while from its time to its rows. So changes within ``MARGIN`` before the
walk count as well, unless the walk met their tasks: the cursor names those. Where they are more than ``MAX_MET`` it
relies on the clocks alone, rather than to give all of them twice.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from taskapp.features.tasks import listing
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.listing import Listing, Position
from taskapp.features.tasks.models import ListedTask
from taskapp.kit import clock

# Five times what a request may wait for the database (`TASKAPP_REQUEST_BUDGET`), so that a change that got no answer is
# in it, too, once the sweeper has derived it; hosts with synchronized clocks differ by far less.
MARGIN = timedelta(seconds=10)
# As many ids as a cursor has room for (`parameters.MAX_CURSOR_LENGTH`).
MAX_MET = 16


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk came.

    :param began: when it asked for its first page
    :param after: where the last page ended; None before the first one of a part
    :param met: ids, as rows have them, of tasks that moved in the margin before it began and that it met since; None
        if they were too many
    :param last: whether it is in its last part, which goes over tasks that moved
    """

    began: datetime
    after: Position | None = None
    met: frozenset[str] | None = frozenset()
    last: bool = False

    def packed(self) -> list[Any]:
        """Give the JSON values of a cursor."""
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
        """From when on a change may have moved a task past the walk."""
        return self.began if self.met is None else self.began - MARGIN

    def meet(self, rows: list[ListedTask]) -> "Walk":
        """Go past rows of the list by due date."""
        if self.met is None:
            return self
        since, began = clock.rfc3339(self.since), clock.rfc3339(self.began)
        met = self.met.union(row.task_id for row in rows if since <= (row.moved_at or "") < began)
        return replace(self, met=met if len(met) <= MAX_MET else None)


def page(listed: Listing, openings: Openings, walk: Walk | None, limit: int, consistency: int | None = None
         ) -> tuple[list[ListedTask], Walk | None]:
    """Read the next page of a walk, or the first, and how far it came if there is more."""
    walk, rows = walk or Walk(clock.now()), list[ListedTask]()
    if not walk.last:
        rows, end = listing.page(listed, openings, walk.after, limit, consistency)
        if not listed.by_due:
            return rows, replace(walk, after=end) if end else None
        walk = walk.meet(rows)
        if end:
            return rows, replace(walk, after=end)
        walk = replace(walk, after=None, last=True)
    moved, further = _moved(listed, openings, walk, rows, limit - len(rows), consistency)
    return [*rows, *moved], further


def _moved(listed: Listing, openings: Openings, walk: Walk, rows: list[ListedTask], limit: int,
           consistency: int | None) -> tuple[list[ListedTask], Walk | None]:
    without = (walk.met or frozenset()).union(row.task_id for row in rows)
    asked = replace(listed, sort="-created_at", since=walk.since, without=without)
    if limit:
        found, end = listing.page(asked, openings, walk.after, limit, consistency)
        return found, replace(walk, after=end) if end else None
    found, _ = listing.page(asked, openings, walk.after, 1, consistency)
    return [], walk if found else None
