"""The tables of tasks: the truth, and what is derived from it."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, FrozenMap, FrozenSet, Table

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class TaskId(Table):
    """Which task? What every row of its partition has."""

    __abstract__ = True
    task_id: Column[uuid.UUID] = columns.UUID(partition_key=True)


class Task(TaskId):
    """What is this task? The static columns of its partition: the one shape that a task has inside the service."""

    __abstract__ = True
    current_version: Column[int] = columns.Integer(static=True)
    project_id: Column[uuid.UUID] = columns.UUID(static=True)
    title: Column[str] = columns.Text(static=True)
    description: Column[str | None] = columns.Text(static=True)
    status: Column[str] = columns.Text(static=True)
    priority: Column[int] = columns.Integer(static=True)
    due_date: Column[datetime | None] = columns.DateTime(static=True)
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
        """The version, by the name that it has on the wire."""
        return self.current_version

    @property
    def exists(self) -> bool:
        """Whether this is a task, and not what remains of one that was removed for good: its id and version."""
        return self.title is not None

    def has_expired(self, at: datetime) -> bool:
        """Tell whether the task is over at a time, be it still stored or not."""
        return self.expires_at is not None and self.expires_at <= at


class Change(TaskId):
    """What was changed in this task? A row for each version, the newest first; its diff is JSON, as it is shown."""

    __abstract__ = True
    version: Column[int] = columns.Integer(primary_key=True, clustering_order="DESC")
    change_id: Column[uuid.UUID] = columns.TimeUUID()
    at: Column[datetime] = columns.DateTime()
    actor: Column[uuid.UUID] = columns.UUID()
    kind: Column[str] = columns.Text()
    diff: Column[str] = columns.Text()

    @property
    def aggregate_id(self) -> uuid.UUID:
        """What was changed, by the name that all changes have for it."""
        return self.task_id


class Truth(Task, Change):  # type: ignore[override]  # there, `version` is that of a change
    """What is this task, and what was changed in it? The truth.

    A partition a task: the task itself in static columns, a row for each version; some hundred bytes a version. All
    writes but the first are conditional on ``current_version``. A task that was removed for good leaves
    ``current_version`` alone, so that its id is never given to another. ``guard`` changes, without a version, when the
    task comes to stand above another: a change of its parent that was worked out before is refused by it.
    """

    __table_name__ = "tasks"
    __options__ = _UNIFIED


class TaskRow(Table):
    """The cells of a task in a list: all of it, so that a page is one read."""

    __abstract__ = True
    version: Column[int] = columns.Integer()
    title: Column[str] = columns.Text()
    description: Column[str | None] = columns.Text()
    status: Column[str] = columns.Text(custom_index=True)
    priority: Column[int] = columns.Integer()
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
    (`buckets.py`), each some 500 bytes: 10 MB. ``rescheduled_at`` is when the due date last changed: a walk by due date
    looks for tasks that moved meanwhile.
    """

    __table_name__ = "tasks_by_project"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    shelf: Column[str] = columns.Text(partition_key=True)
    bucket: Column[int] = columns.Integer(partition_key=True)
    created_at: Column[datetime] = columns.DateTime(primary_key=True, clustering_order="DESC")
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True, clustering_order="DESC")
    due_date: Column[datetime | None] = columns.DateTime()
    rescheduled_at: Column[datetime | None] = columns.DateTime(custom_index=True)


class TaskByDueDate(TaskRow):
    """Which tasks does a project have, by due date?

    Tasks without a due date stand in partitions of their own (``dated`` is false), by creation. A bucket holds the
    tasks of five buckets of the list by creation: a plain page costs the same, and most projects have one.
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

    Ids and times are read as text, since the node writes them as JSON shows them. To read 50 rows with three ids and
    three times, and to write them as JSON, costs the service 1.5 ms of CPU so, and 2.65 ms with the objects that the
    driver makes of them; the node 2.9 and 3.0.
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
        """The time that the list is in the order of, which it has even if an earlier change is not derived yet."""
        return self.created_at

    @property
    def moved_at(self) -> str | None:
        """When the task came to its place; by creation, none ever moves."""
        return None


class ListedByDueDate(ListedTask):
    """What does a page by due date read besides?"""

    __abstract__ = True
    sort_date: Column[str] = columns.Text()
    rescheduled_at: Column[str | None] = columns.Text()

    @property
    def key(self) -> str:
        """The due date, or the time of creation of a task without one."""
        return self.sort_date

    @property
    def moved_at(self) -> str | None:
        """When the task came to its place: when its due date last changed."""
        return self.rescheduled_at


class TrashDay(Table):
    """On which days was something put into the trash?"""

    __abstract__ = True
    day: Column[datetime] = columns.DateTime(partition_key=True)
    shard: Column[int] = columns.Integer(partition_key=True)


class TrashedOn(TrashDay):
    """Which tasks were put into the trash on a day? Purging reads the days whose tasks have been there long enough."""

    __table_name__ = "trash_by_day"
    __options__ = _UNIFIED
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True)


class Bucket(Table):
    """From when on do a project's tasks go into which bucket? Empty for projects that need the first only."""

    __table_name__ = "project_buckets"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    bucket: Column[int] = columns.Integer(primary_key=True)
    opened_at: Column[datetime] = columns.DateTime()


class BucketSize(Table):
    """About how many tasks were put into a bucket? A counter: exactness is not needed."""

    __table_name__ = "bucket_sizes"
    __options__ = _UNIFIED
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    bucket: Column[int] = columns.Integer(primary_key=True)
    tasks: Column[int] = columns.Counter()


MODELS = (Truth, TaskByCreation, TaskByDueDate, TrashedOn, Bucket, BucketSize)
