"""Lists of tasks: sorted pages from sorted partitions.

A list is a sequence of segments, each a set of partitions whose rows are merged. By creation, a bucket is a segment,
since buckets hold disjoint spans of time. A page reads the segment its position is in, and the next ones if it is
short, so its cost does not depend on the size of the project.

A filter may be met by few tasks. Then the page reads on, several segments at a time, until it is full or its time is
over; in that case it is short, or empty, and the next one goes on where it got.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import filters, queries
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.filters import EVERYTHING, Expression
from taskapp.features.tasks.models import ListedTask, Task
from taskapp.features.tasks.narrowing import Narrowing, narrowed
from taskapp.features.tasks.page_queries import AS_TEXT, BEFORE_ALL, FIRST_PLACE, LAST_PLACE, Place, Source
from taskapp.features.tasks.projections import BUCKETS_BY_DUE, LIVE, TRASH
from taskapp.features.tasks.streams import Stream, fill, place_of, together
from taskapp.kit import clock
from taskapp.writepath.diffs import wire

SORTS = ("-created_at", "created_at", "-due_date", "due_date")
# Seconds after which a page that is not full is answered as it is.
BUDGET = 1.2
# Segments that are read at the same time.
MAX_WIDTH = 8


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
    """What is listed: those of one project's tasks, live or trashed, that a filter wants, in one order.

    :param since: only tasks whose due date changed at or after this time; in the newest-first order only
    :param without: ids of tasks to leave out, in the form that rows have
    """

    project_id: uuid.UUID
    trashed: bool = False
    filter: Expression = EVERYTHING
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

    def wanted(self) -> Callable[[ListedTask], bool]:
        """Return what decides about a row, as of now.

        An expired task may have a row until the node drops it. A row has no title if an earlier change than the one
        that wrote it has not been derived yet because its worker died; the sweeper completes it.
        """
        now, without, meets = clock.rfc3339(clock.now()), self.without, filters.matcher(self.filter)

        def is_wanted(row: ListedTask) -> bool:
            return present(row, now) and row.task_id not in without and meets(row)

        return is_wanted

    def plans(self) -> list[Narrowing | None]:
        """Return how each partition is to be read, at once: one stream for each; none if nothing can be wanted."""
        if self.filter == EVERYTHING or self.since:
            return [None]
        found = narrowed(self.filter)
        # Beside a part that nothing narrows, the others need no reading of their own.
        if found is None or (len(found) > 1 and not all(each.anchors or each.words for each in found)):
            return [None]
        return list(found)


@dataclass(frozen=True, slots=True)
class Segment:
    """Partitions whose rows are merged.

    :param begin: a place before all of its rows
    """

    partitions: tuple[dict[str, Any], ...]
    dated: bool
    begin: Place


def page(listing: Listing, openings: Openings, after: Position | None, limit: int,
         consistency: int | None = None) -> tuple[list[ListedTask], Position | None]:
    """Read a page; also return where it ended, if there may be more tasks."""
    rows: list[ListedTask] = []
    end, width = time.monotonic() + BUDGET, 1
    plans, wanted = listing.plans(), listing.wanted()
    following = segments(listing, openings, after) if plans else iter(())

    def is_over() -> bool:
        return time.monotonic() > end

    while some := list(islice(following, width)):
        if width > 1 and is_over():
            return _once(listing, rows), Position(some[0].dated, *some[0].begin)
        streams = [[Stream(Source(listing.by_due, listing.descending, partition, consistency), wanted, narrowing=plan,
                           after=_inside(segment, after), since=listing.since)
                    for partition in segment.partitions for plan in plans] for segment in some]
        missing = limit + 1 - len(rows)
        fill([stream for group in streams for stream in group], missing, is_over)
        for segment, group in zip(some, streams, strict=True):
            found, reached = together(group, missing, descending=listing.descending)
            rows += found
            if len(rows) > limit:
                return _once(listing, rows[:limit]), position(listing, rows[limit - 1])
            if reached:
                return _once(listing, rows), Position(segment.dated, *reached)
        width = min(MAX_WIDTH, 2 * width)
    return _once(listing, rows), None


def _inside(segment: Segment, after: Position | None) -> Place | None:
    return (after.key, after.task_id) if after and after.dated == segment.dated else None


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
    asked, wanted = [queries.ask(task_id, consistency) for task_id in dict.fromkeys(ids)], listing.wanted()
    tasks = [queries.stored(answer) for answer in asked]
    return [task for task in tasks if task and task.exists and task.project_id == listing.project_id
            and bool(task.deleted_at) == listing.trashed and wanted(_row(task))]


_COLUMNS = names(ListedTask)


def _row(task: Task) -> ListedTask:
    """Return a task as a list's row has it."""
    cells = {name: getattr(task, name) for name in _COLUMNS}
    return ListedTask(**{**cells, **{name: wire(cells[name]) for name in AS_TEXT}})


def position(listing: Listing, row: ListedTask) -> Position:
    """Return the position of a row in a list."""
    return Position(listing.by_due and row.due_date is not None, *place_of(row))


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
            yield Segment(tuple({**base, "dated": dated, "bucket": bucket} for bucket in buckets), dated,
                          LAST_PLACE if listing.descending else FIRST_PLACE)


def _by_creation(base: dict[str, Any], descending: bool, openings: Openings, after: Position | None
                 ) -> Iterator[Segment]:
    order = list(range(openings.count))
    if after:
        at = openings.bucket(after.key)
        order = order[:at + 1] if descending else order[at:]
    for bucket in reversed(order) if descending else order:
        yield Segment(({**base, "bucket": bucket},), False, _begin(openings, bucket, descending))


def _begin(openings: Openings, bucket: int, descending: bool) -> Place:
    """Return a place before all rows of a bucket: when the next one opens, or when it does."""
    times = openings.times
    if descending:
        return (times[bucket], BEFORE_ALL) if bucket < len(times) else LAST_PLACE
    return (times[bucket - 1], BEFORE_ALL) if bucket else FIRST_PLACE


def present(row: ListedTask, now: str) -> bool:
    """Return whether a row belongs to a task that exists; times are text in sortable form."""
    return row.title is not None and (row.expires_at is None or row.expires_at > now)
