"""The tables of tasks: the truth, and what is derived from it."""

from cassandra.cqlengine import columns

from taskapp.cassandra.model import FrozenMap, FrozenSet, Table

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class Tasks(Table):
    """What is this task, and what was changed in it? The truth.

    A partition a task: the task itself in static columns, a row for each version; some hundred bytes a version. All
    writes but the first are conditional on ``current_version``. A task that was removed for good leaves
    ``current_version`` alone, so that its id is never given to another. ``guard`` changes, without a version, when the
    task comes to stand above another: a change of its parent that was worked out before is refused by it.
    """

    __table_name__ = "tasks"
    __options__ = _UNIFIED
    task_id = columns.UUID(partition_key=True)
    version = columns.Integer(primary_key=True, clustering_order="DESC")

    current_version = columns.Integer(static=True)
    project_id = columns.UUID(static=True)
    title = columns.Text(static=True)
    description = columns.Text(static=True)
    status = columns.Text(static=True)
    priority = columns.Integer(static=True)
    due_date = columns.DateTime(static=True)
    labels = FrozenSet(columns.Text, static=True)
    assignees = FrozenSet(columns.UUID, static=True)
    parent_id = columns.UUID(static=True)
    metadata = FrozenMap(columns.Text, columns.Text, static=True)
    created_by = columns.UUID(static=True)
    created_at = columns.DateTime(static=True)
    updated_at = columns.DateTime(static=True)
    completed_at = columns.DateTime(static=True)
    deleted_at = columns.DateTime(static=True)
    expires_at = columns.DateTime(static=True)
    list_bucket = columns.Integer(static=True)
    rescheduled_at = columns.DateTime(static=True)
    guard = columns.UUID(static=True)

    change_id = columns.TimeUUID()
    at = columns.DateTime()
    actor = columns.UUID()
    kind = columns.Text()
    diff = columns.Text()


class TaskRow(Table):
    """The cells of a task in a list: all of it, so that a page is one read.

    ``rescheduled_at`` is when its due date last changed: a walk by due date looks for those that moved meanwhile.
    """

    __abstract__ = True
    version = columns.Integer()
    title = columns.Text()
    description = columns.Text()
    status = columns.Text(custom_index=True)
    priority = columns.Integer()
    labels = columns.Set(columns.Text)
    assignees = columns.Set(columns.UUID)
    parent_id = columns.UUID()
    metadata = FrozenMap(columns.Text, columns.Text)
    created_by = columns.UUID()
    updated_at = columns.DateTime()
    completed_at = columns.DateTime()
    deleted_at = columns.DateTime()
    expires_at = columns.DateTime()


class TasksByProject(TaskRow):
    """Which tasks does a project have, by creation?

    ``shelf`` is ``live`` or ``trash``. A bucket holds the tasks created in a span of time, about 20,000 of them
    (`buckets.py`), each some 500 bytes: 10 MB.
    """

    __table_name__ = "tasks_by_project"
    __options__ = _UNIFIED
    project_id = columns.UUID(partition_key=True)
    shelf = columns.Text(partition_key=True)
    bucket = columns.Integer(partition_key=True)
    created_at = columns.DateTime(primary_key=True, clustering_order="DESC")
    task_id = columns.UUID(primary_key=True, clustering_order="DESC")
    due_date = columns.DateTime()
    rescheduled_at = columns.DateTime(custom_index=True)


class TasksByDue(TaskRow):
    """Which tasks does a project have, by due date?

    Tasks without a due date stand in partitions of their own (``dated`` is false), by creation. A bucket holds the
    tasks of five buckets of the list by creation: a plain page costs the same, and most projects have one.
    """

    __table_name__ = "tasks_by_due"
    __options__ = _UNIFIED
    project_id = columns.UUID(partition_key=True)
    shelf = columns.Text(partition_key=True)
    dated = columns.Boolean(partition_key=True)
    bucket = columns.Integer(partition_key=True)
    sort_date = columns.DateTime(primary_key=True)
    task_id = columns.UUID(primary_key=True)
    due_date = columns.DateTime()
    created_at = columns.DateTime()
    rescheduled_at = columns.DateTime()


class TrashByDay(Table):
    """Which tasks were put into the trash on a day? Purging reads the day whose tasks have been there long enough."""

    __table_name__ = "trash_by_day"
    __options__ = _UNIFIED
    day = columns.DateTime(partition_key=True)
    shard = columns.Integer(partition_key=True)
    task_id = columns.UUID(primary_key=True)


class ProjectBuckets(Table):
    """From when on do a project's tasks go into which bucket? Empty for projects that need the first only."""

    __table_name__ = "project_buckets"
    __options__ = _UNIFIED
    project_id = columns.UUID(partition_key=True)
    bucket = columns.Integer(primary_key=True)
    opened_at = columns.DateTime()


class BucketSizes(Table):
    """About how many tasks were put into a bucket? A counter: exactness is not needed."""

    __table_name__ = "bucket_sizes"
    __options__ = _UNIFIED
    project_id = columns.UUID(partition_key=True)
    bucket = columns.Integer(primary_key=True)
    tasks = columns.Counter()


MODELS = (Tasks, TasksByProject, TasksByDue, TrashByDay, ProjectBuckets, BucketSizes)
