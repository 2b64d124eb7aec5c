"""Problems specific to tasks, besides those that every feature has."""

from taskapp.kit.problem import Kind

PROBLEMS = {
    "not_in_trash": Kind(409, "The task is not in the trash, so it cannot be restored."),
    "in_trash": Kind(409, "The id belongs to a task in the trash; restore it instead."),
    "removed": Kind(409, "The id belonged to a task that was removed for good; use a new one."),
    "nothing_to_undo": Kind(409, "The task's last change cannot be undone."),
}
