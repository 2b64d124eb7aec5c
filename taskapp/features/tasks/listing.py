"""Lists of tasks: sorted pages from sorted partitions.

A project's list is a sequence of segments, each a set of partitions whose rows are merged. By creation, a bucket is a
segment, since buckets hold disjoint spans of time. A page reads the segment its position is in, and the next ones if it
is short, so its cost does not depend on the size of the project.

A filter may be met by few tasks. Then the page reads on until it is full or its time is over; in that case it is short,
or empty, and the next one goes on where it got.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import filters, queries
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.filters import EVERYTHING, Expression
from taskapp.features.tasks.lanes import Lane, Segment, read
from taskapp.features.tasks.models import ListedTask, Task
from taskapp.features.tasks.narrowing import Narrowing, narrowed
from taskapp.features.tasks.order import Order, Position
from taskapp.features.tasks.page_queries import AFTER_ALL, AS_TEXT, BEFORE_ALL, EARLIEST, LATEST, Source
from taskapp.features.tasks.projections import BUCKETS_BY_DUE, LIVE, TRASH
from taskapp.features.tasks.streams import Plan, Stream
from taskapp.kit import clock
from taskapp.writepath.diffs import wire

SORTS = ("-created_at", "created_at", "-due_date", "due_date")
# Seconds after which a page that is not full is answered as it is.
BUDGET = 1.2


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed: those tasks of some projects, live or trashed, that a filter wants, in one order.

    :param since: only tasks whose due date changed at or after this time; in the newest-first order only
    :param without: ids of tasks to leave out, in the form that rows have
    """

    projects: tuple[uuid.UUID, ...]
    trashed: bool = False
    filter: Expression = EVERYTHING
    sort: str = "-created_at"
    since: datetime | None = None
    without: frozenset[str] = frozenset()

    @property
    def order(self) -> Order:
        """In which order the tasks are."""
        return Order(self.sort.endswith("due_date"), self.sort.startswith("-"))

    def wanted(self) -> Callable[[ListedTask], bool]:
        """Return what decides about a row, as of now.

        An expired task may have a row until the node drops it. A row has no title if an earlier change than the one
        that wrote it has not been derived yet because its worker died; the sweeper completes it.
        """
        now, without, meets = clock.rfc3339(clock.now()), self.without, filters.matcher(self.filter)

        def is_wanted(row: ListedTask) -> bool:
            return present(row, now) and row.task_id not in without and meets(row)

        return is_wanted

    def narrowings(self) -> list[Narrowing | None]:
        """Return what the parts of the filter narrow; None for a part that reads all, no parts if nothing is wanted."""
        if self.filter == EVERYTHING or self.since:
            return [None]
        found = narrowed(self.filter)
        # Beside a part that nothing narrows, the others need no reading of their own.
        if found is None or (len(found) > 1 and not all(each.anchors or each.words for each in found)):
            return [None]
        return list(found)


def page(listing: Listing, openings: Mapping[uuid.UUID, Openings], after: Position | None, limit: int,
         consistency: int | None = None) -> tuple[list[ListedTask], Position | None]:
    """Read a page; also return where it ended, if there may be more tasks.

    :param openings: of the buckets of each project
    """
    order, narrowings, wanted = listing.order, listing.narrowings(), listing.wanted()
    end = time.monotonic() + BUDGET

    def lane(project_id: uuid.UUID) -> Lane:
        plans = [Plan(each) if each else None for each in narrowings]

        def opened(segment: Segment) -> list[Stream]:
            inside = after if after and after.dated == segment.begin.dated else None
            return [Stream(order, Source(order.by_due, order.descending, partition, consistency), wanted,
                           plan=plan, after=inside, since=listing.since, is_bounded=len(segment.partitions) > 1)
                    for partition in segment.partitions for plan in plans]

        return Lane(order, segments(project_id, listing.trashed, order, openings[project_id], after), opened)

    rows, reached = read(order, [lane(each) for each in listing.projects if narrowings], limit + 1,
                         lambda: time.monotonic() > end)
    if len(rows) > limit:
        rows, reached = rows[:limit], order.position(rows[limit - 1])
    return _once(order, rows), reached


def _once(order: Order, rows: list[ListedTask]) -> list[ListedTask]:
    # A task that lost its due date between two reads is in both segments; by creation, no task moves within a project.
    if not order.by_due:
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
    return [task for task in tasks if task and task.exists and task.project_id in listing.projects
            and bool(task.deleted_at) == listing.trashed and wanted(_row(task))]


_COLUMNS = names(ListedTask)


def _row(task: Task) -> ListedTask:
    """Return a task as a list's row has it."""
    cells = {name: getattr(task, name) for name in _COLUMNS}
    return ListedTask(**{**cells, **{name: wire(cells[name]) for name in AS_TEXT}})


def segments(project_id: uuid.UUID, trashed: bool, order: Order, openings: Openings, after: Position | None
             ) -> Iterator[Segment]:
    """Yield the segments of a project in list order, starting with the one that a position is in."""
    base = {"project_id": project_id, "shelf": TRASH if trashed else LIVE}
    if not order.by_due:
        yield from _by_creation(base, order.descending, openings, after)
        return
    buckets = range((openings.count - 1) // BUCKETS_BY_DUE + 1)
    # Tasks without a due date come last in both directions.
    for dated in (True, False):
        if after is None or after.dated or not dated:
            begin = Position(dated, LATEST, AFTER_ALL) if order.descending else Position(dated, EARLIEST, BEFORE_ALL)
            yield Segment(tuple({**base, "dated": dated, "bucket": bucket} for bucket in buckets), begin)


def _by_creation(base: dict[str, Any], descending: bool, openings: Openings, after: Position | None
                 ) -> Iterator[Segment]:
    order = list(range(openings.count))
    if after:
        at = openings.bucket(after.key)
        order = order[:at + 1] if descending else order[at:]
    for bucket in reversed(order) if descending else order:
        yield Segment(({**base, "bucket": bucket},), _begin(openings.times, bucket, descending))


def _begin(times: Sequence[datetime], bucket: int, descending: bool) -> Position:
    """Return a position before all rows of a bucket: when the next one opens, or when it does."""
    if descending:
        return Position(False, *((times[bucket], BEFORE_ALL) if bucket < len(times) else (LATEST, AFTER_ALL)))
    return Position(False, times[bucket - 1] if bucket else EARLIEST, BEFORE_ALL)


def present(row: ListedTask, now: str) -> bool:
    """Return whether a row belongs to a task that exists; times are text in sortable form."""
    return row.title is not None and (row.expires_at is None or row.expires_at > now)
