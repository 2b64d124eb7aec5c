"""The use cases of projects: what can be done to them, and when it is refused."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from taskapp.features.projects import policies, queries
from taskapp.features.projects.aggregate import PROJECTS
from taskapp.features.projects.inbox import inbox
from taskapp.features.projects.memberships import Memberships, inbox_project
from taskapp.features.projects.models import Project, ProjectByUser
from taskapp.features.projects.projections import by_user
from taskapp.features.projects.roles import ADMIN
from taskapp.features.projects.schemas import READ_ONLY, ProjectCreate, ProjectPatch, ProjectSchema
from taskapp.kit import etag, merge_patch
from taskapp.kit.caller import Caller
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_body
from taskapp.settings import Settings
from taskapp.writepath import changing
from taskapp.writepath.aggregate import Step

Tags = frozenset[str] | None
Place = tuple[datetime, uuid.UUID]
_CREATE, _PATCH, _DUMP = ProjectCreate(), ProjectPatch(), ProjectSchema()


class ProjectService:
    """The use cases of projects.

    :ivar memberships: what this process knows of who is in which project
    """

    def __init__(self, settings: Settings) -> None:
        self.memberships = Memberships()
        self._max_projects = settings.max_projects

    # -- Reading

    def get(self, caller: Caller, project_id: uuid.UUID, consistency: int | None = None) -> ProjectByUser:
        """Read a live project.

        :raise Problem: ``not_found``
        """
        if project_id == inbox(caller.user_id):
            return shown(inbox_project(caller.user_id), caller.user_id)
        found = queries.PROJECTS.get(project_id, consistency)
        return shown(policies.check_sees(found, caller.user_id), caller.user_id)

    def page(self, caller: Caller, after: Place | None, limit: int, *, trashed: bool, archived: bool | None,
             consistency: int | None = None) -> list[ProjectByUser]:
        """Read projects of the caller, the inbox first, then oldest first.

        :param after: the place of the last one before them
        :param trashed: those in the trash, which are shown to their admins, instead of live ones
        :param archived: only those that are archived, or are not; None for both
        """
        def wanted(row: ProjectByUser) -> bool:
            in_trash = row.deleted_at is not None
            return in_trash == trashed and (not trashed or row.role == ADMIN) and archived in (None, row.archived)

        first = [shown(inbox_project(caller.user_id), caller.user_id)] if after is None else []
        found = [row for row in first if wanted(row)]
        while len(found) < limit:
            rows = queries.of_user(caller.user_id, limit, after, consistency)
            found += [row for row in rows if wanted(row)]
            if len(rows) < limit:
                break
            after = place(rows[-1])
        return found[:limit]

    # -- Changing

    def create(self, caller: Caller, operation: Operation, body: Any) -> ProjectByUser:
        """Create a project, whose only member is the caller, as its admin.

        :raise Problem: ``invalid``, ``quota_exceeded``
        """
        sent = load_body(_CREATE, body)
        self.check_quota(caller.user_id, "You are")
        project = Project(**sent, project_id=operation.new_id, current_version=1, archived=False,
                          members={caller.user_id: ADMIN}, created_by=caller.user_id, created_at=operation.at,
                          updated_at=operation.at)
        step = PROJECTS.step(None, project, operation, "created")
        if not changing.create_once(PROJECTS, step, repeated=operation.repeated):
            raise Problem("contention", "The project's id is taken.")
        return shown(project, caller.user_id)

    def patch(self, caller: Caller, operation: Operation, project_id: uuid.UUID, tags: Tags, body: Any
              ) -> ProjectByUser:
        """Change the members that were sent (RFC 7396).

        :raise Problem: ``not_found``, ``insufficient_role``, ``inbox``, ``version_conflict``, ``read_only`` or
            ``invalid``
        """
        sent = merge_patch.read(_PATCH, body, READ_ONLY)

        def edit(old: Project) -> Project:
            merge_patch.check_read_only(sent, _DUMP.dump(shown(old, caller.user_id)))
            return old.replace(**merge_patch.merged(_PATCH, old, sent.members, {}))

        return shown(self.change(caller, operation, project_id, tags, "updated", edit), caller.user_id)

    def trash(self, caller: Caller, operation: Operation, project_id: uuid.UUID, tags: Tags) -> None:
        """Move a project to the trash; no task is touched, but none is reached any more."""
        self.change(caller, operation, project_id, tags, "deleted", lambda old: old.replace(deleted_at=operation.at))

    def restore(self, caller: Caller, operation: Operation, project_id: uuid.UUID, tags: Tags) -> ProjectByUser:
        """Take a project, and with it its tasks, out of the trash.

        :raise Problem: ``project_not_in_trash``, and those of ``patch``
        """
        def edit(old: Project) -> Project:
            if not old.deleted_at:
                raise Problem("project_not_in_trash", "The project is not in the trash.")
            return old.replace(deleted_at=None)

        restored = self.change(caller, operation, project_id, tags, "restored", edit, may_be_trashed=True)
        return shown(restored, caller.user_id)

    def change(self, caller: Caller, operation: Operation, project_id: uuid.UUID, tags: Tags, kind: str,
               edit: Callable[[Project], Project], *, may_be_trashed: bool = False,
               check: Callable[[Project | None, uuid.UUID], object] = policies.check_administers) -> Project:
        """Apply an edit to a project as a new version; without If-Match, to whichever version is current.

        :param check: decides whether the caller may do that
        """
        if project_id == inbox(caller.user_id):
            raise Problem("inbox", "An inbox cannot be changed, shared or deleted; create a project for that.")

        def work_out(found: Project | None) -> Step[Project]:
            # A deleted project does not exist but for its admins, who may restore it.
            hidden = found.deleted_at if found and may_be_trashed and caller.user_id in found.admins else None
            check(found.replace(deleted_at=None) if found and hidden else found, caller.user_id)
            assert found is not None
            etag.check(tags, found.version, "project")
            new = edit(found)
            if not new.admins:
                raise Problem("last_admin", "A project needs at least one admin; make another member an admin first.")
            return PROJECTS.step(found, new, operation, kind)

        try:
            changed = changing.change(PROJECTS, operation, project_id, work_out)
        finally:
            self.memberships.forget(project_id)
        assert changed is not None
        return changed

    def check_quota(self, user_id: uuid.UUID, who: str) -> None:
        """Check that a user may be in one project more.

        :param who: the beginning of the sentence that says no
        :raise Problem: ``quota_exceeded``
        """
        if len(queries.of_user(user_id, self._max_projects)) >= self._max_projects:
            raise Problem("quota_exceeded", f"{who} in {self._max_projects} projects already, those in the trash "
                                            "included; more are not possible.")


def shown(project: Project, user_id: uuid.UUID) -> ProjectByUser:
    """Return a project as one of its members sees it."""
    return next(row for row in by_user(project) if row.user_id == user_id)


def place(row: ProjectByUser) -> Place:
    """Return the place of a project among those of a user."""
    return row.created_at, row.project_id
