"""The errors of projects, beyond those that every feature has."""

from taskapp.kit.problem import Kind

PROBLEMS = {
    "insufficient_role": Kind(403, "The caller's role in the project does not allow this."),
    "inbox": Kind(409, "An inbox belongs to one user: it cannot be changed, shared or deleted."),
    "last_admin": Kind(409, "A project needs at least one admin; make another member an admin first."),
    "project_archived": Kind(409, "The project is archived; its tasks cannot be changed."),
    "project_in_trash": Kind(409, "The project is in the trash; restore it first."),
    "project_not_in_trash": Kind(409, "The project is not in the trash."),
    "quota_exceeded": Kind(409, "There are as many as the quota allows; `detail` says of what."),
}
