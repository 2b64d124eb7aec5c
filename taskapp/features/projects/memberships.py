"""What this process knows of projects: who is in them, for a few seconds."""

import uuid
from functools import lru_cache

from taskapp.features.projects import queries
from taskapp.features.projects.inbox import inbox
from taskapp.features.projects.models import Project
from taskapp.features.projects.roles import ADMIN
from taskapp.kit import clock
from taskapp.kit.trust import TRUST_SECONDS, Trust


@lru_cache(maxsize=4096)
def inbox_project(user_id: uuid.UUID) -> Project:
    """Return a user's inbox, which has been at version 1 since the beginning of time."""
    return Project(project_id=inbox(user_id), current_version=1, name="Inbox", archived=False,
                   members={user_id: ADMIN}, created_by=user_id, created_at=clock.EPOCH, updated_at=clock.EPOCH)


class Memberships:
    """The projects that were read within the last seconds; thread-safe."""

    def __init__(self) -> None:
        self._known: Trust[Project | None] = Trust(TRUST_SECONDS)

    def project(self, project_id: uuid.UUID, user_id: uuid.UUID) -> Project | None:
        """Return a project that a user asks for, deleted or not, as it was a few seconds ago; None if there is none."""
        if project_id == inbox(user_id):
            return inbox_project(user_id)
        known = self._known.find(project_id)
        if known is not None:
            return known
        began = self._known.begin()
        found = queries.PROJECTS.get(project_id)
        # What does not exist is not remembered: it may be created at any moment, and its creator goes on at once.
        if found is not None:
            self._known.keep(project_id, began, found)
        return found

    def forget(self, project_id: uuid.UUID) -> None:
        """Read a project again: it was changed here."""
        self._known.forget(project_id)
