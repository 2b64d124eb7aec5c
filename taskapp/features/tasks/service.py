"""The use cases of tasks: what can be done to them, and when it is refused."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cassandra import ConsistencyLevel

from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.features.access import Access, inbox
from taskapp.features.projects import Memberships
from taskapp.features.tasks import changes, edits, expiry, listing, page_queries, queries, walks
from taskapp.features.tasks.aggregate import TASKS, VERSIONS
from taskapp.features.tasks.asked import Asked
from taskapp.features.tasks.buckets import Buckets
from taskapp.features.tasks.filters import Asker, Term
from taskapp.features.tasks.listing import Listing
from taskapp.features.tasks.models import Change, ListedTask, Task
from taskapp.features.tasks.schemas import DEFAULTS
from taskapp.kit import clock, etag
from taskapp.kit.caller import Caller
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, invalid, member_error
from taskapp.settings import Settings
from taskapp.writepath import changing
from taskapp.writepath.aggregate import Step, consumed
from taskapp.writepath.intents import UNFINISHED
from taskapp.writepath.projections import side_by_side

Tags = frozenset[str] | None
# Tasks that are taken from a user before the next are looked for.
UNASSIGNED = 100


class TaskService:
    """The use cases of tasks."""

    def __init__(self, settings: Settings, memberships: Memberships | None = None) -> None:
        self.buckets = Buckets(settings)
        self._memberships = memberships or Memberships()
        self._max_projects = settings.max_projects
        self._trash_time = timedelta(days=settings.trash_days)

    # -- Creating

    def create(self, caller: Caller, operation: Operation, body: Any) -> Task:
        """Create a task with an id of ours; idempotent, since a repeated operation makes the same write."""
        task = self._new(caller, operation, operation.new_id, edits.made(body))
        change = changes.between(None, task, operation, "created")
        changing.create(TASKS, Step(None, task, change), partial(queries.create, task, change),
                        partial(queries.create_alone, task, change))
        self.buckets.count(task.project_id, task.list_bucket, task.task_id)
        return task

    def create_once(self, caller: Caller, operation: Operation, task_id: uuid.UUID, body: Any) -> Task:
        """Create a task with the id chosen by the client, unless the id is taken.

        :raise Problem: ``already_exists``, ``in_trash``, ``removed``, or ``not_found`` if the caller may not read it
        """
        if task_id in (page_queries.BEFORE_ALL, page_queries.AFTER_ALL):
            raise invalid([member_error("/task_id", "The nil and max UUIDs are reserved.")])
        task = self._new(caller, operation, task_id, edits.made(body, task_id))
        step = Step(None, task, changes.between(None, task, operation, "created"))
        if not changing.create_once(TASKS, step, repeated=operation.repeated):
            raise self._taken(caller, task_id)
        self.buckets.count(task.project_id, task.list_bucket, task_id)
        return task

    def _new(self, caller: Caller, operation: Operation, task_id: uuid.UUID, body: dict[str, Any]) -> Task:
        project_id = body.get("project_id", inbox(caller.user_id))
        self._access(caller).check_write(project_id)
        at = operation.at
        task = Task(**DEFAULTS | expiry.applied(body, at) | {
            "project_id": project_id, "task_id": task_id, "current_version": 1, "created_by": caller.user_id,
            "created_at": at, "updated_at": at, "list_bucket": self.buckets.openings(project_id).bucket(at)})
        return self._checked(caller, None, edits.completion(None, task, at))

    def _taken(self, caller: Caller, task_id: uuid.UUID) -> Problem:
        task = queries.get(task_id, ConsistencyLevel.LOCAL_SERIAL)
        if task is None:
            raise DatabaseUnavailable("tasks.create_once: the id became free just now")
        if not task.exists or task.has_expired(clock.now()):
            return Problem("removed", "A task with this id was removed for good, or expired; use another id.")
        if not self._access(caller).may_read(task.project_id):
            return _missing()
        if task.deleted_at:
            return Problem("in_trash", "The task is in the trash; restore it instead.")
        return Problem("already_exists", "The task already exists.", current_version=task.version)

    # -- Reading

    def get(self, caller: Caller, task_id: uuid.UUID, consistency: int | None = None) -> Task:
        """Read a live task.

        :raise Problem: ``not_found``
        """
        task = self._readable(caller, queries.get(task_id, consistency))
        if task.deleted_at:
            raise _missing()
        return task

    def history(self, caller: Caller, task_id: uuid.UUID, before: int, limit: int, consistency: int | None = None
                ) -> list[Change]:
        """Read the changes of a live task, newest first."""
        self.get(caller, task_id, consistency)
        return queries.history(task_id, before, limit, consistency)

    def page(self, caller: Caller, asked: Asked, walk: walks.Walk | None, limit: int,
             consistency: int | None = None) -> tuple[list[ListedTask], walks.Walk | None]:
        """Read a page of a list; also return how far its walk got, if there may be more.

        :raise Problem: ``not_found``, or ``invalid`` for a filter
        """
        walk = walk or walks.Walk(clock.now())
        listed = self._listing(caller, asked, walk.began, consistency)
        openings = self.buckets.all_openings(listed.projects, consistency)
        return walks.page(listed, openings, walk, limit, consistency)

    def _listing(self, caller: Caller, asked: Asked, now: datetime, consistency: int | None) -> Listing:
        # What "now" means stays the same for a whole walk.
        expression = asked.expression(Asker(caller.user_id, now))
        access = self._access(caller)
        if asked.project_id is None:
            projects = tuple(access.readable(self._max_projects, consistency))
        else:
            projects = (access.check_read(asked.project_id).project_id,)
        return Listing(projects, asked.trashed, expression, asked.sort)

    def chosen(self, caller: Caller, asked: Asked, ids: Sequence[uuid.UUID], consistency: int | None = None
               ) -> list[Task]:
        """Read those of the given tasks that are in a list, in the order in which their ids are given.

        :raise Problem: ``not_found``, or ``invalid`` for a filter
        """
        return listing.chosen(self._listing(caller, asked, clock.now(), consistency), ids, consistency)

    # -- Changing

    def replace(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, body: Any) -> Task:
        """Replace the tutorial's four fields, and any others that were sent."""
        sent = edits.replacement(body)
        return self._change(caller, operation, task_id, tags, "updated",
                            lambda task, at: edits.replaced(task, sent, at))

    def patch(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, body: Any) -> Task:
        """Change the fields that were sent (RFC 7396)."""
        sent = edits.patch(body)
        return self._change(caller, operation, task_id, tags, "updated",
                            lambda task, at: edits.patched(task, sent, at))

    def trash(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Task:
        """Move a task to the trash."""
        return self._change(caller, operation, task_id, tags, "deleted",
                            lambda task, at: task.replace(deleted_at=at))

    def restore(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Task:
        """Take a task out of the trash.

        :raise Problem: ``not_in_trash``
        """
        def edit(task: Task, at: datetime) -> Task:
            if not task.deleted_at:
                raise Problem("not_in_trash", "The task is not in the trash.")
            return task.replace(deleted_at=None)

        return self._change(caller, operation, task_id, tags, "restored", edit, may_be_trashed=True)

    def undo(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Task:
        """Undo the last change, as a new version; undoing the creation moves the task to the trash."""
        def edit(task: Task, at: datetime) -> Task:
            last = next(iter(queries.history(task_id, task.version + 1, 1)), None)
            if last is None or last.version != task.version:
                raise Problem("nothing_to_undo", "The task's last change is no longer known.")
            if last.kind == "created":
                return task.replace(deleted_at=at)
            before = changes.DIFFS.undone(task, last.diff)
            if before.has_expired(at):
                raise Problem("nothing_to_undo", "The task would expire at once: its earlier expiry has passed.")
            # If it goes back to the trash, its time there starts anew.
            return before.replace(deleted_at=before.deleted_at and at)

        try:
            return self._change(caller, operation, task_id, tags, "undone", edit)
        except Problem as problem:
            if problem.code != "invalid":
                raise
            raise Problem("nothing_to_undo", f"The change cannot be undone: {problem.detail}") from problem

    def remove(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> None:
        """Permanently remove a task, live or in the trash."""
        def work_out(found: Task | None) -> Step[Task]:
            task = self._writable(caller, found)
            etag.check(tags, task.version, "task")
            return _removal(task, operation)

        changing.change(TASKS, operation, task_id, work_out)

    def purge(self, task_id: uuid.UUID, operation: Operation) -> bool:
        """Permanently remove a task if its time in the trash is over; return whether it was removed."""
        def work_out(task: Task | None) -> Step[Task] | None:
            if task is None or not task.exists or task.has_expired(clock.now()) or not task.deleted_at:
                return None
            return _removal(task, operation) if task.deleted_at + self._trash_time <= operation.at else None

        return changing.change(TASKS, operation, task_id, work_out) is not None

    def remove_all(self, project_id: uuid.UUID, actor: uuid.UUID, goes_on: Callable[[], bool]) -> bool:
        """Permanently remove all tasks of a project, live and in the trash; may be repeated, or continued.

        :param goes_on: called after each task; whether to go on
        :return: whether all were removed
        """
        for trashed in (False, True):
            listed, after = Listing((project_id,), trashed), None
            while True:
                rows, after = listing.page(listed, self.buckets.all_openings((project_id,)), after, UNASSIGNED)
                for row in rows:
                    self._remove_of(uuid.UUID(row.task_id), project_id, Operation.new(actor))
                    if not goes_on():
                        return False
                if after is None:
                    break
        return True

    def _remove_of(self, task_id: uuid.UUID, project_id: uuid.UUID, operation: Operation) -> None:
        def work_out(task: Task | None) -> Step[Task] | None:
            return _removal(task, operation) if task and task.exists and task.project_id == project_id else None

        changing.change(TASKS, operation, task_id, work_out)

    def unassign(self, project_id: uuid.UUID, user_id: uuid.UUID, actor: uuid.UUID, cause: uuid.UUID) -> None:
        """Take all tasks of a project from a user who is no longer a member; may be repeated, or continued.

        :param cause: the id of the change by which they left
        """
        for trashed in (False, True):
            listed, after = Listing((project_id,), trashed, Term("assignees", "has", (user_id,))), None
            while True:
                rows, after = listing.page(listed, self.buckets.all_openings((project_id,)), after, UNASSIGNED)
                for row in rows:
                    operation = Operation(actor, clock.now(), uuid.uuid5(cause, row.task_id))
                    self._unassign(uuid.UUID(row.task_id), project_id, user_id, operation)
                if after is None:
                    break

    def _unassign(self, task_id: uuid.UUID, project_id: uuid.UUID, user_id: uuid.UUID, operation: Operation) -> None:
        def work_out(old: Task | None) -> Step[Task] | None:
            if old is None or old.project_id != project_id or user_id not in old.assignees:
                return None
            new = old.replace(assignees=old.assignees - {user_id})
            new = changes.following(old, new, changes.time_after(old, operation), clock.now())
            return Step(old, new, changes.between(old, new, operation, "updated"))

        changing.change(TASKS, operation, task_id, work_out)

    def _change(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, kind: str,
                edit: Callable[[Task, datetime], Task], *, may_be_trashed: bool = False) -> Task:
        """Apply an edit to a task as a new version; without If-Match, to whichever version is current."""
        def work_out(found: Task | None) -> Step[Task]:
            old = self._writable(caller, found)
            if old.deleted_at and not may_be_trashed:
                raise _missing()
            etag.check(tags, old.version, "task")
            at = changes.time_after(old, operation)
            new = self._checked(caller, old, self._placed(old, edits.completion(old, edit(old, at), at)))
            if new == old:
                return Step(old, old)
            new = changes.following(old, new, at, clock.now())
            return Step(old, new, changes.between(old, new, operation, kind))

        changed = changing.change(TASKS, operation, task_id, work_out)
        assert changed is not None
        return changed

    def _placed(self, old: Task, new: Task) -> Task:
        """Put a task that moves to another project into that project's bucket of its time."""
        if new.project_id == old.project_id:
            return new
        return new.replace(list_bucket=self.buckets.openings(new.project_id).bucket(new.created_at))

    def _checked(self, caller: Caller, old: Task | None, new: Task) -> Task:
        """Check what a schema cannot: project, assignees and parent."""
        access, moved = self._access(caller), old is None or new.project_id != old.project_id
        project = access.check_write(new.project_id) if moved else access.check_read(new.project_id)
        edits.check_assignees(None if moved else old, new, project.members)
        if moved:
            # Of a new task, that is all there is to check: it has no descendants, so no concurrent change can form a
            # cycle with it. One that moves to another project must not leave its parent behind.
            edits.ancestors(new, queries.get_present)
        return new

    def _access(self, caller: Caller) -> Access:
        return Access(caller, self._memberships)

    def _readable(self, caller: Caller, task: Task | None) -> Task:
        if task is None or not task.exists or task.has_expired(clock.now()):
            raise _missing()
        if not self._access(caller).may_read(task.project_id):
            raise _missing()
        return task

    def _writable(self, caller: Caller, found: Task | None) -> Task:
        task = self._readable(caller, found)
        self._access(caller).check_write(task.project_id)
        return task


def _removal(task: Task, operation: Operation) -> Step[Task]:
    history = queries.history(task.task_id, limit=VERSIONS)
    change = changes.removal([task, *changes.DIFFS.earlier(task, history)], operation)
    # Events cannot be derived once the history is gone, so write those that a worker that died may have left out.
    side_by_side([write for each in history if each.at + UNFINISHED > operation.at
                  for write in consumed(TASKS.consumers, each)])
    return Step(task, task.replace(current_version=change.version), change)


def _missing() -> Problem:
    return Problem("not_found", "Task not found")
