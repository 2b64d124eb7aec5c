"""Which projects a caller may read, and which they may write: two questions.

Each user owns one project, the inbox. A project that a caller may not know of does not exist for them.
"""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

_INBOXES = uuid.UUID("0c5b0d52-8d43-5b53-9c0c-3f0a1b7e2a10")


@lru_cache(maxsize=4096)
def inbox(user_id: uuid.UUID) -> uuid.UUID:
    """Return the id of a user's inbox project."""
    return uuid.uuid5(_INBOXES, str(user_id))


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do in projects."""

    caller: Caller

    def readable(self) -> list[uuid.UUID]:
        """List the projects whose content the caller may read."""
        return [inbox(self.caller.user_id)]

    def may_read(self, project_id: uuid.UUID) -> bool:
        """Return whether the caller may know of a project and what it contains."""
        return project_id == inbox(self.caller.user_id)

    def may_write(self, project_id: uuid.UUID) -> bool:
        """Return whether the caller may change what a project contains."""
        return project_id == inbox(self.caller.user_id)

    def check_read(self, project_id: uuid.UUID) -> None:
        """Check that the caller may read a project.

        :raise Problem: ``not_found``
        """
        if not self.may_read(project_id):
            raise Problem("not_found", "Project not found")

    def check_write(self, project_id: uuid.UUID) -> None:
        """Check that the caller may change what a project contains.

        :raise Problem: ``not_found``
        """
        if not self.may_write(project_id):
            raise Problem("not_found", "Project not found")

    def members(self, project_id: uuid.UUID) -> frozenset[uuid.UUID]:
        """List the users who may read a project: those to whom its tasks can be assigned."""
        return frozenset({self.caller.user_id}) if self.may_read(project_id) else frozenset()
