"""Who may do what with tasks.

Each user owns one project, the inbox. What a caller may not know of is missing to them.
"""

import uuid
from functools import lru_cache

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

_INBOXES = uuid.UUID("0c5b0d52-8d43-5b53-9c0c-3f0a1b7e2a10")
READ, WRITE = "tasks:read", "tasks:write"


@lru_cache(maxsize=4096)
def inbox(user_id: uuid.UUID) -> uuid.UUID:
    """Name a user's inbox project."""
    return uuid.uuid5(_INBOXES, str(user_id))


def readable_projects(caller: Caller) -> list[uuid.UUID]:
    """List the projects whose tasks a caller may read."""
    return [inbox(caller.user_id)]


def may_read(caller: Caller, project_id: uuid.UUID) -> bool:
    """Tell whether a caller may know of a project's tasks."""
    return project_id in readable_projects(caller)


def check_project(caller: Caller, project_id: uuid.UUID) -> None:
    """Let a caller write into a project.

    :raise Problem: ``not_found``
    """
    if not may_read(caller, project_id):
        raise Problem("not_found", "Project not found")


def members(caller: Caller, project_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """List the users who may read a caller's project: those whom its tasks can be assigned to."""
    return frozenset({caller.user_id}) if project_id == inbox(caller.user_id) else frozenset()
