"""The use cases of saved views."""

import uuid
from collections.abc import Callable
from typing import Any

from taskapp.features.access import Access
from taskapp.features.projects import Memberships
from taskapp.features.tasks import check_filter
from taskapp.features.views import policies, queries
from taskapp.features.views.aggregate import VIEWS
from taskapp.features.views.models import View, ViewByOwner
from taskapp.features.views.schemas import DEFAULTS, READ_ONLY, ViewCreate, ViewPatch, ViewSchema
from taskapp.kit import etag, merge_patch
from taskapp.kit.caller import Caller
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_body
from taskapp.settings import Settings
from taskapp.writepath import changing
from taskapp.writepath.aggregate import Step

Tags = frozenset[str] | None
_CREATE, _PATCH, _DUMP = ViewCreate(), ViewPatch(), ViewSchema()


class ViewService:
    """The use cases of saved views."""

    def __init__(self, settings: Settings, memberships: Memberships) -> None:
        self._memberships = memberships
        self._max_views, self._max_projects = settings.max_views, settings.max_projects

    def get(self, caller: Caller, view_id: uuid.UUID, consistency: int | None = None) -> View:
        """Read a view.

        :raise Problem: ``not_found``
        """
        return self._seen(caller, queries.VIEWS.get(view_id, consistency))

    def page(self, caller: Caller, after: uuid.UUID | None, limit: int, consistency: int | None = None
             ) -> list[ViewByOwner]:
        """Read views of the caller, and of projects that they are in, in the order of their ids, after a given one."""
        owners = [caller.user_id, *self._access(caller).readable(self._max_projects, consistency)]
        found = sorted(queries.of_owners(owners, consistency), key=lambda each: each.view_id)
        return [each for each in found if after is None or each.view_id > after][:limit]

    def create(self, caller: Caller, operation: Operation, body: Any) -> View:
        """Save a view.

        :raise Problem: ``invalid``, ``quota_exceeded``, or what refuses to change the project
        """
        sent = DEFAULTS | load_body(_CREATE, body)
        view = View(**sent, view_id=operation.new_id, current_version=1, user_id=caller.user_id,
                    created_at=operation.at, updated_at=operation.at)
        self._check(caller, None, view)
        if not changing.create_once(VIEWS, VIEWS.step(None, view, operation, "created"), repeated=operation.repeated):
            raise Problem("contention", "The view's id is taken.")
        return view

    def patch(self, caller: Caller, operation: Operation, view_id: uuid.UUID, tags: Tags, body: Any) -> View:
        """Change the members that were sent (RFC 7396).

        :raise Problem: ``not_found``, ``version_conflict``, ``read_only``, and those of ``create``
        """
        sent = merge_patch.read(_PATCH, body, READ_ONLY)

        def edit(old: View) -> View:
            merge_patch.check_read_only(sent, _DUMP.dump(old))
            new: View = old.replace(**merge_patch.merged(_PATCH, old, sent.members, DEFAULTS))
            self._check(caller, old, new)
            return new

        return self._change(caller, operation, view_id, tags, "updated", edit)

    def delete(self, caller: Caller, operation: Operation, view_id: uuid.UUID, tags: Tags) -> None:
        """Delete a view.

        :raise Problem: ``not_found``, ``version_conflict``, or what refuses to change the project
        """
        self._change(caller, operation, view_id, tags, "deleted", lambda old: old.replace(deleted_at=operation.at))

    def _change(self, caller: Caller, operation: Operation, view_id: uuid.UUID, tags: Tags, kind: str,
                edit: Callable[[View], View]) -> View:
        def work_out(found: View | None) -> Step[View]:
            old = self._seen(caller, found)
            if old.project_id:
                self._access(caller).check_write(old.project_id)
            etag.check(tags, old.version, "view")
            return VIEWS.step(old, edit(old), operation, kind)

        changed = changing.change(VIEWS, operation, view_id, work_out)
        assert changed is not None
        return changed

    def _check(self, caller: Caller, old: View | None, new: View) -> None:
        """Check what a schema cannot: the filter, the project, and how many views there are."""
        if new.expression:
            check_filter(new.expression, caller.user_id)
        if old is None or new.owner_id != old.owner_id:
            if new.project_id:
                self._access(caller).check_write(new.project_id)
            if len(queries.of_owners([new.owner_id])) >= self._max_views:
                raise Problem("quota_exceeded", f"There are {self._max_views} views already; more are not possible.")

    def _seen(self, caller: Caller, view: View | None) -> View:
        if view is None or view.deleted_at:
            raise policies.missing()
        if not (self._access(caller).may_read(view.project_id) if view.project_id else view.user_id == caller.user_id):
            raise policies.missing()
        return view

    def _access(self, caller: Caller) -> Access:
        return Access(caller, self._memberships)
