"""The queries for pages of tasks, one for each way of reading a partition of a list."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

from taskapp.cassandra.mapper import Select, bind, keys, markers
from taskapp.cassandra.mapper.queries import Answered, text_columns
from taskapp.features.tasks.models import ListedByDueDate, ListedTask, TaskByCreation, TaskByDueDate
from taskapp.features.tasks.order import Position

# The lowest and the highest id in the server's order (`kit/uuid_order.py`).
BEFORE_ALL, AFTER_ALL = uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1)
AS_TEXT = text_columns(ListedTask, TaskByCreation)
EARLIEST, LATEST = datetime.min, datetime.max.replace(microsecond=999_000)
MAX_MARKS = 3
Due = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Source:
    """A partition of a list, and how its rows are to be read.

    :param partition: its key
    :param descending: latest first; the list by creation is stored that way, the list by due date the other
    """

    by_due: bool
    descending: bool
    partition: dict[str, Any]
    consistency: int | None = None

    @property
    def is_stored_order(self) -> bool:
        """Whether rows are wanted in the order in which they are stored; an index serves no other."""
        return self.descending != self.by_due


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a pass filters by: columns without an index.

    :param due: the earliest and the latest due date; by creation only
    """

    statuses: tuple[str, ...]
    priorities: tuple[int, ...]
    due: Due | None = None

    def values(self) -> dict[str, Any]:
        """Return the values of the markers."""
        return {"first": min(self.statuses), "last": max(self.statuses), "least": min(self.priorities),
                "most": max(self.priorities), **_bounds(self.due)}


def _bounds(due: Due | None) -> dict[str, Any]:
    return {"due_from": due[0], "due_until": due[1]} if due else {}


def _partition(by_due: bool) -> tuple[Any, Any, str]:
    """Return, for a list, the query of a partition, the model to read rows as, and the name of the sort key."""
    if by_due:
        return TaskByDueDate.objects.filter(
            TaskByDueDate.project_id == bind("project_id"), TaskByDueDate.shelf == bind("shelf"),
            TaskByDueDate.dated == bind("dated"), TaskByDueDate.bucket == bind("bucket")), ListedByDueDate, "sort_date"
    return TaskByCreation.objects.filter(
        TaskByCreation.project_id == bind("project_id"), TaskByCreation.shelf == bind("shelf"),
        TaskByCreation.bucket == bind("bucket")), ListedTask, "created_at"


def _in_order(query: Any, key: str, by_due: bool, descending: bool) -> Any:
    if descending != by_due:
        return query
    way = "-" if descending else ""
    return query.order_by(f"{way}{key}", f"{way}task_id")


@cache
def _plain(by_due: bool, descending: bool, after: bool, since: bool = False) -> Select[ListedTask]:
    """Create the query of a page of all rows, or of those whose due date changed, which an index finds."""
    query, rows, key = _partition(by_due)
    table = query.model
    if after:
        place, given = keys(getattr(table, key), table.task_id), markers("key", "task_id")
        query = query.filter(place < given if descending else place > given)
    if since:
        query = query.filter(table.rescheduled_at >= bind("since"))
    query = _in_order(query, key, by_due, descending)
    return Select(f"{table.__table_name__}.{'rescheduled' if since else 'page'}", query.limit(bind("size")), rows=rows)


def plain(source: Source, *, after: Position | None, limit: int, since: datetime | None = None) -> Answered[ListedTask]:
    """Request rows of a partition, in order, after a place; ``ListedByDueDate`` in the list by due date.

    :param since: only tasks whose due date changed at or after this time; in the list by creation, newest first
    """
    values: dict[str, Any] = {**source.partition, "size": limit}
    if after:
        values |= {"key": after.key, "task_id": after.task_id}
    if since:
        values["since"] = since
    query = _plain(source.by_due, source.descending, after is not None, since is not None)
    return query.ask(**values, consistency=source.consistency)


@cache
def _pass(by_due: bool, descending: bool, due: bool) -> Select[ListedTask]:
    """Create the query that passes over rows between two places, and filters them in the node.

    By ranges alone: above one replica, a node refuses IN beside another condition ("only supported in intersections for
    reads that do not require replica reconciliation").
    """
    query, rows, key = _partition(by_due)
    table = query.model
    place = keys(getattr(table, key), table.task_id)
    query = query.filter(place > markers("low_key", "low_id"), place < markers("high_key", "high_id"),
                         table.status >= bind("first"), table.status <= bind("last"),
                         table.priority >= bind("least"), table.priority <= bind("most"))
    if due:
        query = query.filter(table.due_date >= bind("due_from"), table.due_date <= bind("due_until"))
    query = _in_order(query, key, by_due, descending).limit(bind("size")).allow_filtering()
    return Select(f"{table.__table_name__}.pass", query, rows=rows)


def filtered_pass(source: Source, conditions: Conditions, *, after: Position | None, until: Position | None, limit: int
                  ) -> Answered[ListedTask]:
    """Request rows that meet conditions, in order, between two places."""
    low, high = (until, after) if source.descending else (after, until)
    query = _pass(source.by_due, source.descending, conditions.due is not None)
    return query.ask(**source.partition, **conditions.values(), size=limit,
                     low_key=low.key if low else EARLIEST, low_id=low.task_id if low else BEFORE_ALL,
                     high_key=high.key if high else LATEST, high_id=high.task_id if high else AFTER_ALL,
                     consistency=source.consistency)


@cache
def _marked(by_due: bool, marks: int, due: bool) -> Select[ListedTask]:
    """Create the query of rows with marks, in the stored order.

    There is no bound at the end: an index read does not stop there, but would read on to the end of the partition.
    """
    query, rows, key = _partition(by_due)
    table = query.model
    place, given = keys(getattr(table, key), table.task_id), markers("key", "task_id")
    query = query.filter(place > given if by_due else place < given)
    for number in range(marks):
        query = query.filter(table.marks.contains_(bind(f"mark_{number}")))
    if due:
        query = query.filter(table.due_at >= bind("due_from"), table.due_at <= bind("due_until"))
    return Select(f"{table.__table_name__}.marked", query.limit(bind("size")).allow_filtering(), rows=rows)


def marked(source: Source, due: Due | None, marks: Sequence[str], *, after: Position | None, limit: int
           ) -> Answered[ListedTask]:
    """Request rows that have all of up to three marks, and a due date within bounds, in the stored order."""
    key, task_id = (after.key, after.task_id) if after else (
        (EARLIEST, BEFORE_ALL) if source.by_due else (LATEST, AFTER_ALL))
    query = _marked(source.by_due, len(marks), due is not None)
    return query.ask(**source.partition, **_bounds(due), key=key, task_id=task_id, size=limit,
                     consistency=source.consistency,
                     **{f"mark_{number}": mark for number, mark in enumerate(marks)})


def _make_all() -> None:
    both = (False, True)
    for by_due, descending, after in product(both, both, both):
        _plain(by_due, descending, after)
    for after in both:
        _plain(False, True, after, True)
    for by_due, descending in product(both, both):
        _pass(by_due, descending, False)
    for descending in both:
        _pass(False, descending, True)
    for marks in range(1, MAX_MARKS + 1):
        _marked(True, marks, False)
        _marked(False, marks, False)
        _marked(False, marks, True)
    _marked(False, 0, True)


# So that the statements are prepared when a worker starts.
_make_all()
