"""Tasks whose due date changed are looked for at the end of a walk by due date: an index inside the partition."""

from taskapp.cassandra import indexes

STEPS = indexes.create("tasks_by_project", "rescheduled_at")
