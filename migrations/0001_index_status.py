"""Lists are filtered by status, which is no key of theirs: an index inside the project's partition."""

from taskapp.cassandra import indexes

STEPS = (
    *indexes.create("tasks_by_project", "status"),
    *indexes.create("tasks_by_due", "status"),
)
