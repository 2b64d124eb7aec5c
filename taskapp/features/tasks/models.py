"""The tables of tasks: the truth, and the tables derived from it."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, FrozenMap, FrozenSet, Table
from taskapp.writepath.truth import HistoryRow

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class TaskId(Table):
    """Which task? The column that every row of its partition has."""

    __abstract__ = True
    task_id: Column[uuid.UUID] = columns.UUID(partition_key=True)


class Task(TaskId):
    """What is this task? The static columns of its partition, the one form that a task has inside the service."""

    __abstract__ = True
    current_version: Column[int] = columns.Integer(static=True)
    project_id: Column[uuid.UUID] = columns.UUID(static=True)
    title: Column[str] = columns.Text(static=True)
    description: Column[str | None] = columns.Text(static=True)
    status: Column[str] = columns.Text(static=True)
    priority: Column[int] = columns.Integer(static=True)
    due_date: Column[datetime | None] = columns.DateTime(static=True)
    all_day: Column[bool] = columns.Boolean(static=True)
    labels: Column[frozenset[str]] = FrozenSet(columns.Text, static=True)
    assignees: Column[frozenset[uuid.UUID]] = FrozenSet(columns.UUID, static=True)
    parent_id: Column[uuid.UUID | None] = columns.UUID(static=True)
    metadata: Column[dict[str, str]] = FrozenMap(columns.Text, columns.Text, static=True)
    created_by: Column[uuid.UUID] = columns.UUID(static=True)
    created_at: Column[datetime] = columns.DateTime(static=True)
    updated_at: Column[datetime] = columns.DateTime(static=True)
    completed_at: Column[datetime | None] = columns.DateTime(static=True)
    deleted_at: Column[datetime | None] = columns.DateTime(static=True)
    expires_at: Column[datetime | None] = columns.DateTime(static=True)
    list_bucket: Column[int] = columns.Integer(static=True)
    rescheduled_at: Column[datetime | None] = columns.DateTime(static=True)
    guard: Column[uuid.UUID | None] = columns.UUID(static=True)

    @property
    def version(self) -> int:
        """The version, by its name on the wire."""
        return self.current_version

    @property
    def exists(self) -> bool:
        """Whether this is a task, rather than the remains of a permanently removed one: its id and version."""
        return self.title is not None

    def has_expired(self, at: datetime) -> bool:
        """Return whether the task has expired at a given time, whether or not it is still stored."""
        return self.expires_at is not None and self.expires_at <= at


class Change(TaskId, HistoryRow):
    """What was changed in this task?"""

    __abstract__ = True
    version: Column[int] = columns.Integer(primary_key=True, clustering_order="DESC")

    @property
    def aggregate_id(self) -> uuid.UUID:
        """What was changed, by the name that all kinds of change use."""
        return self.task_id


class TaskTruth(Task, Change):  # type: ignore[override]  # there, `version` is that of a change
    """What is this task, and what was changed in it? The truth.

    One partition per task: the task itself in static columns, and a row for each version, of a few hundred bytes. Every
    version but the first is written on the condition that ``current_version`` has not changed. Of a permanently removed
    task, ``current_version`` and one last change remain, so that its id is never reused. ``guard`` changes, without a
    new version, when the task becomes an ancestor of another: a change of its own parent that was computed before that
    is then refused.
    """

    __table_name__ = "tasks"
    __options__ = _UNIFIED


class TaskRow(Table):
    """The cells of a task in a list: the whole task, so that a page is one read, and what filters find it by.

    ``marks`` are short words for what filters ask about (`marks.py`), in one index. Status, priority and the sets have
    none, and the sets are not frozen, so that a pass over a partition can filter by them in either direction.
    """

    __abstract__ = True
    version: Column[int] = columns.Integer()
    title: Column[str] = columns.Text()
    description: Column[str | None] = columns.Text()
    status: Column[str] = columns.Text()
    priority: Column[int] = columns.Integer()
    all_day: Column[bool] = columns.Boolean()
    marks: Column[frozenset[str]] = columns.Set(columns.Text, custom_index=True)
    labels: Column[frozenset[str]] = columns.Set(columns.Text)
    assignees: Column[frozenset[uuid.UUID]] = columns.Set(columns.UUID)
    parent_id: Column[uuid.UUID | None] = columns.UUID()
    metadata: Column[dict[str, str]] = FrozenMap(columns.Text, columns.Text)
    created_by: Column[uuid.UUID] = columns.UUID()
    updated_at: Column[datetime] = columns.DateTime()
    completed_at: Column[datetime | None] = columns.DateTime()
    deleted_at: Column[datetime | None] = columns.DateTime()
    expires_at: Column[datetime | None] = columns.DateTime()


class TaskByCreation(TaskRow):
    """Which tasks does a project have, by creation?

    ``shelf`` is ``live`` or ``trash``. A bucket holds the tasks created in a span of time, about 20,000 of them
    (`buckets.py`) of about 500 bytes each: 10 MB. ``due_at`` is the due date once more, with an index; the other has
    none, so that a pass can filter by it. ``rescheduled_at`` is when the due date last changed; a walk by due
    date uses it to find tasks that moved in the meantime.
    """

    __table_name__ = "tasks_by_project"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    shelf: Column[str] = columns.Text(partition_key=True)
    bucket: Column[int] = columns.Integer(partition_key=True)
    created_at: Column[datetime] = columns.DateTime(primary_key=True, clustering_order="DESC")
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True, clustering_order="DESC")
    due_date: Column[datetime | None] = columns.DateTime()
    due_at: Column[datetime | None] = columns.DateTime(custom_index=True)
    rescheduled_at: Column[datetime | None] = columns.DateTime(custom_index=True)


class TaskByDueDate(TaskRow):
    """Which tasks does a project have, by due date?

    Tasks without a due date are in separate partitions (``dated`` is false), by creation. A bucket holds the tasks of
    five buckets of the list by creation: an unfiltered page costs the same, and most projects have just one.
    """

    __table_name__ = "tasks_by_due"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    shelf: Column[str] = columns.Text(partition_key=True)
    dated: Column[bool] = columns.Boolean(partition_key=True)
    bucket: Column[int] = columns.Integer(partition_key=True)
    sort_date: Column[datetime] = columns.DateTime(primary_key=True)
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    due_date: Column[datetime | None] = columns.DateTime()
    created_at: Column[datetime] = columns.DateTime()
    rescheduled_at: Column[datetime | None] = columns.DateTime()


class ListedTask(Table):
    """What does a page of a list show of a task?

    Ids and times are read as text, since the node formats them as JSON shows them. Reading 50 rows with three ids and
    three times, and writing them as JSON, costs the service 1.5 ms of CPU this way, and 2.65 ms with the objects that
    the driver creates; it costs the node 2.9 and 3.0 ms.
    """

    __abstract__ = True
    task_id: Column[str] = columns.Text(primary_key=True)
    project_id: Column[str] = columns.Text()
    version: Column[int] = columns.Integer()
    title: Column[str | None] = columns.Text()
    description: Column[str | None] = columns.Text()
    status: Column[str] = columns.Text()
    priority: Column[int] = columns.Integer()
    due_date: Column[str | None] = columns.Text()
    all_day: Column[bool] = columns.Boolean()
    labels: Column[frozenset[str]] = columns.Set(columns.Text)
    assignees: Column[frozenset[uuid.UUID]] = columns.Set(columns.UUID)
    parent_id: Column[str | None] = columns.Text()
    metadata: Column[dict[str, str]] = FrozenMap(columns.Text, columns.Text)
    created_by: Column[str] = columns.Text()
    created_at: Column[str] = columns.Text()
    updated_at: Column[str] = columns.Text()
    completed_at: Column[str | None] = columns.Text()
    deleted_at: Column[str | None] = columns.Text()
    expires_at: Column[str | None] = columns.Text()

    @property
    def key(self) -> str:
        """The time by which the list is sorted; it is set even if an earlier change has not been derived yet."""
        return self.created_at

    @property
    def moved_at(self) -> str | None:
        """When the task moved to its place; by creation, no task ever moves."""
        return None


class ListedByDueDate(ListedTask):
    """What else does a page by due date read?"""

    __abstract__ = True
    sort_date: Column[str] = columns.Text()
    rescheduled_at: Column[str | None] = columns.Text()

    @property
    def key(self) -> str:
        """The due date, or the creation time of a task without one."""
        return self.sort_date

    @property
    def moved_at(self) -> str | None:
        """When the task moved to its place: when its due date last changed."""
        return self.rescheduled_at


class TrashDay(Table):
    """On which days were tasks moved to the trash?"""

    __abstract__ = True
    day: Column[datetime] = columns.DateTime(partition_key=True)
    shard: Column[int] = columns.Integer(partition_key=True)


class TrashedOn(TrashDay):
    """Which tasks were moved to the trash on a day? Purging reads the days whose tasks have been there long enough."""

    __table_name__ = "trash_by_day"
    __options__ = _UNIFIED
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True)


class Bucket(Table):
    """When does each bucket of a project open for its tasks? Empty for projects that need only the first."""

    __table_name__ = "project_buckets"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    bucket: Column[int] = columns.Integer(primary_key=True)
    opened_at: Column[datetime] = columns.DateTime()


class BucketSize(Table):
    """About how many tasks were put into a bucket? A counter, since it need not be exact."""

    __table_name__ = "bucket_sizes"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    bucket: Column[int] = columns.Integer(primary_key=True)
    tasks: Column[int] = columns.Counter()


MODELS = (TaskTruth, TaskByCreation, TaskByDueDate, TrashedOn, Bucket, BucketSize)
