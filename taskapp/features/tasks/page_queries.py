"""The queries for pages of tasks, one for each kind of page."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import product
from typing import Any

from taskapp.cassandra.mapper import Select, bind, keys, markers
from taskapp.cassandra.mapper.queries import Answered, text_columns
from taskapp.features.tasks.models import ListedByDueDate, ListedTask, TaskByCreation, TaskByDueDate

# The lowest and the highest id in the server's order (`kit/uuid_order.py`).
BEFORE_ALL, AFTER_ALL = uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1)
AS_TEXT = text_columns(ListedTask, TaskByCreation)


def _source(by_due: bool) -> tuple[Any, Any, str]:
    """Return, for an order, the query of a partition, the model to read rows as, and the name of the sort key."""
    if by_due:
        return TaskByDueDate.objects.filter(
            TaskByDueDate.project_id == bind("project_id"), TaskByDueDate.shelf == bind("shelf"),
            TaskByDueDate.dated == bind("dated"), TaskByDueDate.bucket == bind("bucket")), ListedByDueDate, "sort_date"
    return TaskByCreation.objects.filter(
        TaskByCreation.project_id == bind("project_id"), TaskByCreation.shelf == bind("shelf"),
        TaskByCreation.bucket == bind("bucket")), ListedTask, "created_at"


@cache
def _page(by_due: bool, descending: bool, after: bool, statuses: int, since: bool = False) -> Select[ListedTask]:
    """Create the query of one kind of page: of all statuses (0), of one (1), or of several (2).

    One status is found by the index, in the stored order only: the server refuses ORDER BY together with an index.
    Several statuses are read in one pass over the partition, so that a task that changes from one of them to another in
    the meantime is not missed; two successive reads of the index might both miss it.

    ``since``: only tasks whose due date changed, found by the index of the list by creation, in the stored order.
    """
    query, rows, key = _source(by_due)
    table, stored_descending = query.model, not by_due
    if after:
        place, given = keys(getattr(table, key), table.task_id), markers("key", "task_id")
        query = query.filter(place < given if descending else place > given)
    if statuses:
        query = query.filter(table.status == bind("status") if statuses == 1 else table.status.in_(bind("statuses")))
    if since:
        query = query.filter(table.rescheduled_at >= bind("since"))
    if descending != stored_descending:
        way = "-" if descending else ""
        query = query.order_by(f"{way}{key}", f"{way}task_id")
    if statuses > 1:
        query = query.allow_filtering()
    kind = "rescheduled" if since else "page"
    name = f"{table.__table_name__}.{kind}{('', '_of_status', '_of_statuses')[statuses]}"
    return Select(name, query.limit(bind("size")), rows=rows)


def send_page(*, by_due: bool, descending: bool, partition: dict[str, Any], after: tuple[datetime, uuid.UUID] | None,
              statuses: Sequence[str], limit: int, since: datetime | None = None, consistency: int | None = None
              ) -> Answered[ListedTask]:
    """Request rows of one partition, in order, after a position; ``ListedByDueDate`` in the list by due date.

    :param statuses: the statuses wanted; empty for all
    :param since: only tasks whose due date changed at or after this time; in the list by creation, newest first
    """
    values = {**partition, "size": limit}
    if after:
        values["key"], values["task_id"] = after
    if statuses:
        values |= {"status": statuses[0]} if len(statuses) == 1 else {"statuses": list(statuses)}
    if since:
        values["since"] = since
    page = _page(by_due, descending, after is not None, min(len(statuses), 2), since is not None)
    return page.ask(**values, consistency=consistency)


@cache
def _window(by_due: bool) -> Select[ListedTask]:
    query, rows, key = _source(by_due)
    table = query.model
    at = getattr(table, key)
    query = query.filter(at >= bind("low"), at < bind("high"), table.status == bind("status"))
    return Select(f"{table.__table_name__}.window", query.limit(bind("size")), rows=rows)


def send_window(*, by_due: bool, partition: dict[str, Any], low: int, high: int, status: str, limit: int,
                consistency: int | None = None) -> Answered[ListedTask]:
    """Request rows of one status in a time span (milliseconds, end excluded), in the stored order."""
    return _window(by_due).ask(**partition, low=low, high=high, status=status, size=limit, consistency=consistency)


def _make_all_pages() -> None:
    both = (False, True)
    for by_due, after in product(both, both):
        for descending, statuses in product(both, (0, 2)):
            _page(by_due, descending, after, statuses)
        _page(by_due, not by_due, after, 1)
        _window(by_due)
    for after, statuses in product(both, (0, 1, 2)):
        _page(False, True, after, statuses, True)


# So that the statements are prepared when a worker starts.
_make_all_pages()
