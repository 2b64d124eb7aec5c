"""Reading a filtered list against the order in which its rows are stored.

The server refuses ORDER BY together with an index, so such a list is read in windows of time, from one end to the
other: each window is read in the stored order, then reversed. A window that holds more rows than needed is cut to a
quarter, and the one after a sparse window is four times as wide. So a page costs about twenty reads of the index at
most, however large the project is.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from taskapp.features.tasks import page_queries
from taskapp.features.tasks.models import ListedTask
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key

Start = tuple[datetime, uuid.UUID] | None
# Milliseconds: an hour at first, one millisecond at least.
FIRST_STEP, LEAST_STEP, FACTOR = 3_600_000, 1, 4
# Rows read at a time when a single instant holds more than a page.
SCAN = 500


class Windows:
    """The rows of one status in one partition, against the stored order.

    :param place: returns the key and the id of a row
    :param present: returns whether a row belongs to a task that exists
    """

    def __init__(self, *, partition: dict[str, Any], by_due: bool, status: str,
                 place: Callable[[ListedTask], tuple[datetime, uuid.UUID]], present: Callable[[ListedTask], bool],
                 consistency: int | None) -> None:
        self._common: dict[str, Any] = {"partition": partition, "by_due": by_due, "consistency": consistency}
        self._down, self._status = by_due, status
        self._place, self._present = place, present

    def read(self, start: Start, limit: int) -> list[ListedTask]:
        """Read the first ``limit`` rows after a position."""
        edge = self._plain(self._down, start, 1)
        end = self._plain(not self._down, None, 1)
        if not edge or not end:
            return []
        rows = self._walk(self._at(edge[0]), self._at(end[0]), start, limit)
        return list(islice(filter(self._present, rows), limit))

    def _at(self, row: ListedTask) -> int:
        return clock.micros(self._place(row)[0]) // 1000

    def _walk(self, at: int, end: int, start: Start, limit: int) -> Iterator[ListedTask]:
        step = FIRST_STEP
        while at >= end if self._down else at <= end:
            following = at - step if self._down else at + step
            found = self._window(at, following, limit)
            if len(found) > limit and step > LEAST_STEP:
                step = max(LEAST_STEP, step // FACTOR)
                continue
            yield from self._instant(at, start) if len(found) > limit else self._after(start, reversed(found))
            at, step = following, step * FACTOR if len(found) < limit / FACTOR else step

    def _window(self, at: int, following: int, limit: int) -> list[ListedTask]:
        # The window begins at ``at`` and ends before ``following``, in the direction of the walk.
        low, high = (following + 1, at + 1) if self._down else (at, following)
        return page_queries.send_window(low=low, high=high, status=self._status, limit=limit + 1, **self._common).all()

    def _after(self, start: Start, rows: Iterator[ListedTask]) -> Iterator[ListedTask]:
        for row in rows:
            if start is None or self._is_after(row, start):
                yield row

    def _is_after(self, row: ListedTask, start: tuple[datetime, uuid.UUID]) -> bool:
        at, task_id = self._place(row)
        here, there = (at, uuid_key(task_id)), (start[0], uuid_key(start[1]))
        return here < there if self._down else here > there

    def _instant(self, at: int, start: Start) -> Iterator[ListedTask]:
        """Filter the rows of one instant by status; used if it holds more than a page of rows of this status."""
        first = page_queries.BEFORE_ALL if not self._down else page_queries.AFTER_ALL
        instant = clock.EPOCH + timedelta(milliseconds=at)
        position = start if start and start[0] == instant else (instant, first)
        while rows := self._plain(self._down, position, SCAN):
            for row in rows:
                if self._at(row) != at:
                    return
                if row.status == self._status:
                    yield row
            position = self._place(rows[-1])

    def _plain(self, down: bool, start: Start, limit: int) -> list[ListedTask]:
        return page_queries.send_page(descending=down, after=start, statuses=(), limit=limit, **self._common).all()
