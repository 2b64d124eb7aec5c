"""Who may see and change a project: its members, by role."""

import uuid

from taskapp.features.projects.models import Project
from taskapp.features.projects.roles import ADMIN, EDITOR
from taskapp.kit.problem import Problem

READ, ADMINISTER = "tasks:read", "projects:admin"
SCOPES = {ADMINISTER: "create and change projects, and manage their members"}


def role(project: Project | None, user_id: uuid.UUID) -> str | None:
    """Return a user's role in a live project; None if there is none."""
    return project.members.get(user_id) if project and not project.deleted_at else None


def check_sees(project: Project | None, user_id: uuid.UUID) -> Project:
    """Return a live project that a user may know of: one that they are a member of.

    :raise Problem: ``not_found``
    """
    if project is None or role(project, user_id) is None:
        raise missing()
    return project


def check_administers(project: Project | None, user_id: uuid.UUID) -> Project:
    """Return a live project that a user is an admin of.

    :raise Problem: ``not_found`` or ``insufficient_role``
    """
    seen = check_sees(project, user_id)
    if role(seen, user_id) != ADMIN:
        raise Problem("insufficient_role", "Only admins of the project may do this.")
    return seen


def check_edits(project: Project, user_id: uuid.UUID) -> None:
    """Check that a member may change the tasks of a project.

    :raise Problem: ``insufficient_role`` or ``project_archived``
    """
    if role(project, user_id) not in (EDITOR, ADMIN):
        raise Problem("insufficient_role", "Viewers of the project may not change its tasks.")
    if project.archived:
        raise Problem("project_archived", "The project is archived; its tasks cannot be changed.")


def missing() -> Problem:
    """Build the 404 for a project that does not exist, or that the caller may not know of."""
    return Problem("not_found", "Project not found")
