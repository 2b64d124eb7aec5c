"""What is derived from a task: its rows in the lists and in the trash calendar, and the event of its expiry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from taskapp.cassandra.mapper import names
from taskapp.features.activity import MONTHS, Event, event
from taskapp.features.tasks import marks
from taskapp.features.tasks.models import Task, TaskByCreation, TaskByDueDate, TaskRow, TrashedOn
from taskapp.kit import clock
from taskapp.writepath.projections import Projection
from taskapp.writepath.versioned import timestamp

LIVE, TRASH = "live", "trash"
# Buckets of the list by creation whose tasks share one bucket of the list by due date.
BUCKETS_BY_DUE = 5
TRASH_SHARDS = 4
_CELLS = [name for name in names(TaskRow) if name not in ("version", "marks")]


def shelf(task: Task) -> str:
    """Return the shelf of a task: live or trash."""
    return TRASH if task.deleted_at else LIVE


def by_creation(task: Task) -> Iterator[TaskByCreation]:
    """Derive the row of the list by creation."""
    if task.exists:
        yield TaskByCreation(**_cells(task, with_words=True), project_id=task.project_id, shelf=shelf(task),
                             bucket=task.list_bucket, created_at=task.created_at, due_date=task.due_date,
                             due_at=task.due_date, rescheduled_at=task.rescheduled_at)


def by_due_date(task: Task) -> Iterator[TaskByDueDate]:
    """Derive the row of the list by due date."""
    if task.exists:
        yield TaskByDueDate(**_cells(task, with_words=False), project_id=task.project_id, shelf=shelf(task),
                            dated=task.due_date is not None, bucket=task.list_bucket // BUCKETS_BY_DUE,
                            sort_date=task.due_date or task.created_at, due_date=task.due_date,
                            created_at=task.created_at, rescheduled_at=task.rescheduled_at)


def trashed_on(task: Task) -> Iterator[TrashedOn]:
    """Derive the row of the trash calendar."""
    if task.exists and task.deleted_at:
        yield TrashedOn(day=clock.midnight(task.deleted_at), shard=task.task_id.int % TRASH_SHARDS,
                        task_id=task.task_id)


def expired(task: Task) -> Iterator[Event]:
    """Derive the event of the task's expiry, which is stored in its creator's activity in advance, and stays.

    Nothing has to run when a task expires: readers do not see events of the future.
    """
    if task.exists and task.expires_at:
        yield event(task.created_by, task.expires_at, task.task_id, "expired", task.task_id, task.current_version)


def lifetime(task: Task) -> datetime | None:
    """Return when the rows of a task in the lists expire."""
    return task.expires_at


def _cells(task: Task, *, with_words: bool) -> dict[str, Any]:
    return {**{name: getattr(task, name) for name in _CELLS}, "version": task.version, "task_id": task.task_id,
            "marks": marks.of_task(task, with_words=with_words)}


def _is_to_come(key: Mapping[str, Any]) -> bool:
    # An expiry in the past cannot be checked: the task is gone.
    return clock.timeuuid_time(key["event_id"]) > clock.now()


LISTS = (
    Projection(TaskByCreation, by_creation, timestamp, lifetime),
    Projection(TaskByDueDate, by_due_date, timestamp, lifetime),
    Projection(TrashedOn, trashed_on, timestamp, lifetime),
)
EXPIRED = Projection(Event, expired, timestamp, beside=MONTHS, fixed={"kind": "expired"}, is_open=_is_to_come)
PROJECTIONS = (*LISTS, EXPIRED)
