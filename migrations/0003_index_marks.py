"""Filters find tasks by their marks and due dates; the index by status, which a mark replaces, is dropped."""

from taskapp.cassandra import indexes

STEPS = (
    *indexes.create("tasks_by_project", "marks"),
    *indexes.create("tasks_by_project", "due_at"),
    *indexes.create("tasks_by_due", "marks"),
    "DROP INDEX IF EXISTS $ks.tasks_by_project_status",
    "DROP INDEX IF EXISTS $ks.tasks_by_due_status",
)
