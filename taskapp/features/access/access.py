"""Which projects a caller may read, and which they may write: two questions.

A project that a caller may not know of does not exist for them.
"""

import uuid
from dataclasses import dataclass

from taskapp.features.projects import Memberships, Project, check_edits, check_sees, inbox, of_user, role
from taskapp.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do in projects, as of a few seconds ago."""

    caller: Caller
    memberships: Memberships

    def readable(self, limit: int, consistency: int | None = None) -> list[uuid.UUID]:
        """List the projects whose content the caller may read: the inbox, and at most ``limit`` others."""
        others = of_user(self.caller.user_id, limit, consistency=consistency)
        return [inbox(self.caller.user_id), *(row.project_id for row in others if not row.deleted_at)]

    def may_read(self, project_id: uuid.UUID) -> bool:
        """Return whether the caller may know of a project and what it contains."""
        return role(self._project(project_id), self.caller.user_id) is not None

    def check_read(self, project_id: uuid.UUID) -> Project:
        """Check that the caller may read a project, and return it.

        :raise Problem: ``not_found``
        """
        return check_sees(self._project(project_id), self.caller.user_id)

    def check_write(self, project_id: uuid.UUID) -> Project:
        """Check that the caller may change what a project contains, and return it.

        :raise Problem: ``not_found``, ``insufficient_role`` or ``project_archived``
        """
        project = self.check_read(project_id)
        check_edits(project, self.caller.user_id)
        return project

    def _project(self, project_id: uuid.UUID) -> Project | None:
        return self.memberships.project(project_id, self.caller.user_id)
