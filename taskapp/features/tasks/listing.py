"""Lists of tasks: sorted pages from sorted partitions.

A list is a sequence of segments, each a set of partitions whose rows are merged. By creation, a bucket is a segment,
since buckets hold disjoint spans of time. A page reads the segment its position is in, and the next ones if it is
short, so its cost does not depend on the size of the project.
"""

import heapq
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.tasks import page_queries, queries
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.models import ListedTask, Task
from taskapp.features.tasks.projections import BUCKETS_BY_DUE, LIVE, TRASH
from taskapp.features.tasks.schemas import STATUSES
from taskapp.features.tasks.windows import Windows
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key

SORTS = ("-created_at", "created_at", "-due_date", "due_date")
# Rows read at a time when a page contained rows to leave out.
SCAN = 500


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: whether its last task has a due date (in lists by due date), its key and its id."""

    dated: bool
    key: datetime
    task_id: uuid.UUID

    def packed(self) -> list[Any]:
        """Return the JSON values for a cursor."""
        return [int(self.dated), clock.micros(self.key) // 1000, self.task_id.hex]

    @classmethod
    def unpacked(cls, values: list[Any]) -> "Position":
        """Read the values of a cursor."""
        dated, key, task_id = values
        return cls(bool(dated), clock.EPOCH + timedelta(milliseconds=key), uuid.UUID(hex=task_id))


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed: one project's tasks, live or trashed, of some statuses (none means all), in one order.

    :param since: only tasks whose due date changed at or after this time; in the newest-first order only
    :param without: ids of tasks to leave out, in the form that rows have
    """

    project_id: uuid.UUID
    trashed: bool = False
    statuses: frozenset[str] = frozenset()
    sort: str = "-created_at"
    since: datetime | None = None
    without: frozenset[str] = frozenset()

    @property
    def by_due(self) -> bool:
        """Whether the list is sorted by due date."""
        return self.sort.endswith("due_date")

    @property
    def descending(self) -> bool:
        """Whether the order is descending."""
        return self.sort.startswith("-")

    @property
    def filtered(self) -> tuple[str, ...]:
        """The statuses to filter by; empty if all statuses are wanted."""
        return () if self.statuses >= set(STATUSES) else tuple(sorted(self.statuses))


@dataclass(frozen=True, slots=True)
class Segment:
    """Partitions whose rows are merged."""

    partitions: tuple[dict[str, Any], ...]
    dated: bool


def page(listing: Listing, openings: Openings, after: Position | None, limit: int,
         consistency: int | None = None) -> tuple[list[ListedTask], Position | None]:
    """Read a page; also return where it ended, if there are more tasks."""
    rows: list[ListedTask] = []
    for segment in segments(listing, openings, after):
        rows += _rows(listing, segment, after, limit + 1 - len(rows), consistency)
        if len(rows) > limit:
            return _once(listing, rows[:limit]), position(listing, rows[limit - 1])
    return _once(listing, rows), None


def _inside(segment: Segment, after: Position | None) -> Position | None:
    return after if after and after.dated == segment.dated else None


def _once(listing: Listing, rows: list[ListedTask]) -> list[ListedTask]:
    # A task that lost its due date between two reads is in both segments; by creation, no task moves.
    if not listing.by_due:
        return rows
    newest: dict[str, ListedTask] = {}
    for row in rows:
        if row.task_id not in newest or row.version > newest[row.task_id].version:
            newest[row.task_id] = row
    return [row for row in rows if newest[row.task_id] is row]


def chosen(listing: Listing, ids: Sequence[uuid.UUID], consistency: int | None = None) -> list[Task]:
    """Read tasks by id, in the given order, each once; those that are not in the list are left out."""
    asked, now = [queries.ask(task_id, consistency) for task_id in dict.fromkeys(ids)], clock.now()
    tasks = [queries.stored(answer) for answer in asked]
    return [task for task in tasks if task and task.exists and not task.has_expired(now)
            and task.project_id == listing.project_id and bool(task.deleted_at) == listing.trashed
            and (not listing.statuses or task.status in listing.statuses)]


def position(listing: Listing, row: ListedTask) -> Position:
    """Return the position of a row in a list."""
    return Position(listing.by_due and row.due_date is not None, *place(row))


def place(row: ListedTask) -> tuple[datetime, uuid.UUID]:
    """Return the place of a row in its partition, even if the row is incomplete."""
    return clock.parsed(row.key), uuid.UUID(row.task_id)


def segments(listing: Listing, openings: Openings, after: Position | None) -> Iterator[Segment]:
    """Yield the segments in list order, starting with the one that a position is in."""
    base = {"project_id": listing.project_id, "shelf": TRASH if listing.trashed else LIVE}
    if not listing.by_due:
        yield from _by_creation(base, listing.descending, openings, after)
        return
    buckets = range((openings.count - 1) // BUCKETS_BY_DUE + 1)
    # Tasks without a due date come last in both directions.
    for dated in (True, False):
        if after is None or after.dated or not dated:
            yield Segment(tuple({**base, "dated": dated, "bucket": bucket} for bucket in buckets), dated)


def _by_creation(base: dict[str, Any], descending: bool, openings: Openings, after: Position | None
                 ) -> Iterator[Segment]:
    order = list(range(openings.count))
    if after:
        at = openings.bucket(after.key)
        order = order[:at + 1] if descending else order[at:]
    for bucket in reversed(order) if descending else order:
        yield Segment(({**base, "bucket": bucket},), dated=False)


def _rows(listing: Listing, segment: Segment, after: Position | None, limit: int, consistency: int | None
          ) -> list[ListedTask]:
    """Read a segment's first rows after a position; without windows, all its partitions are queried in parallel."""
    inside = _inside(segment, after)
    start = (inside.key, inside.task_id) if inside else None
    stored_way = listing.descending != listing.by_due
    if len(listing.filtered) == 1 and not stored_way:
        windows = [_windows(listing, partition, listing.filtered[0], consistency) for partition in segment.partitions]
        return _merged(listing, [each.read(start, limit) for each in windows], limit)
    asked = [partial(page_queries.send_page, by_due=listing.by_due, descending=listing.descending, partition=partition,
                     statuses=listing.filtered, since=listing.since, consistency=consistency)
             for partition in segment.partitions]
    answers = [ask(after=start, limit=limit) for ask in asked]
    return _merged(listing, [_filled(listing, ask, answer.all(), limit)
                             for ask, answer in zip(asked, answers, strict=True)], limit)


def _filled(listing: Listing, ask: Callable[..., Answered[ListedTask]], rows: list[ListedTask], limit: int
            ) -> list[ListedTask]:
    """Leave out rows whose task is not there or not wanted, and read on if the page is then short."""
    now, size = clock.rfc3339(clock.now()), limit

    def wanted() -> list[ListedTask]:
        return [row for row in rows if present(row, now) and row.task_id not in listing.without]

    found = wanted()
    while len(found) < limit and len(rows) == size:
        after, size = place(rows[-1]), SCAN
        rows = ask(after=after, limit=size).all()
        found += wanted()
    return found


def present(row: ListedTask, now: str) -> bool:
    """Return whether a row belongs to a task that exists; times are text in sortable form.

    An expired task may have a row until the node drops it. A row has no title if an earlier change than the one that
    wrote it has not been derived yet because its worker died; the sweeper completes it.
    """
    return row.title is not None and (row.expires_at is None or row.expires_at > now)


def _windows(listing: Listing, partition: dict[str, Any], status: str, consistency: int | None) -> Windows:
    return Windows(partition=partition, by_due=listing.by_due, status=status, place=place,
                   present=partial(present, now=clock.rfc3339(clock.now())), consistency=consistency)


def _merged(listing: Listing, streams: Sequence[list[ListedTask]], limit: int) -> list[ListedTask]:
    if len(streams) == 1:
        return streams[0][:limit]

    def key(row: ListedTask) -> tuple[Any, ...]:
        at, task_id = place(row)
        return at, uuid_key(task_id)

    return list(islice(heapq.merge(*streams, key=key, reverse=listing.descending), limit))
