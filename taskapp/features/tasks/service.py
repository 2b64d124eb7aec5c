"""What can be done to tasks: the decisions, in the words of the product.

Every change goes one way: a note of the intent, the truth read beside it, the change worked out, stored if the task
still is at the version that was read, the projections written side by side, the note taken back.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel

from taskapp.cassandra import projections
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.intents import Intent
from taskapp.features.activity import events
from taskapp.features.tasks import changes, derive, edits, expiry, page_queries, policies, queries
from taskapp.features.tasks.buckets import Buckets
from taskapp.features.tasks.models import Change, Task
from taskapp.features.tasks.schemas import DEFAULTS
from taskapp.kit import clock, etag
from taskapp.kit.caller import Caller
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, invalid, member_error
from taskapp.settings import Settings

Tags = frozenset[str] | None
# A change without If-Match is worked out anew as often, when others keep coming first.
ATTEMPTS = 12
# A logged batch larger than this may be refused by a node with the default limit of 50 KiB.
BATCH_BYTES = 24_000


@dataclass(frozen=True, slots=True)
class Written:
    """A task after a change; ``changed`` is false when there was nothing to change."""

    task: Task
    changed: bool = True


class TaskService:
    """The use cases of tasks."""

    def __init__(self, settings: Settings) -> None:
        self.buckets = Buckets(settings)
        self._trash_time = timedelta(days=settings.trash_days)
        self._months = events.Months()

    # -- Making

    def create(self, caller: Caller, operation: Operation, body: Any) -> Task:
        """Make a task with an id of ours; a repeat of the operation is the same write."""
        task = self._new(caller, operation, operation.task_id, edits.made(body))
        change = changes.between(None, task, operation, "created")
        writes = self._months.named(derive.step(None, task, change))
        # The diff is in the history; its content in the truth, and in each of the two lists.
        if len(change.diff.encode()) * 4 < BATCH_BYTES:
            self._create_at_once(task, change, writes)
        else:
            self._create_by_steps(task, change, writes)
        self.buckets.count(task.project_id, task.list_bucket, task.task_id)
        return task

    def _create_at_once(self, task: Task, change: Change, writes: list[projections.Write]) -> None:
        """Store a new task in one batch; if nobody says that it was, by steps, which write the same cells.

        A batch log goes to two nodes beside the coordinator, and waits for both (`ReplicaPlans.forBatchlogWrite`), so
        of three nodes one that hangs keeps all batches back, while a majority takes plain writes.
        """
        try:
            queries.create(task, change, writes)
        except OutcomeUnknown as unknown:
            try:
                self._create_by_steps(task, change, writes)
            except DatabaseUnavailable as error:
                raise unknown from error
        else:
            self._months.stored(writes)

    def _create_by_steps(self, task: Task, change: Change, writes: list[projections.Write]) -> None:
        intent = Intent.new(task.task_id, change.change_id)
        intent.note().rows()
        queries.create_large(task, change)
        self._project(writes, intent)

    def create_once(self, caller: Caller, operation: Operation, task_id: uuid.UUID, body: Any) -> Task:
        """Make a task with the id that the client chose, unless the id is taken.

        :raise Problem: ``already_exists``, ``in_trash``, ``removed``, or ``not_found`` for one of somebody else
        """
        if task_id in (page_queries.BEFORE_ALL, page_queries.AFTER_ALL):
            raise invalid([member_error("/task_id", "The nil and the max UUID are nobody's id.")])
        task = self._new(caller, operation, task_id, edits.made(body, task_id))
        change = changes.between(None, task, operation, "created")
        intent = Intent.new(task_id, change.change_id)
        with _nothing_stored(intent):
            intent.note().rows()
            if not queries.create_once(task, change, repeated=operation.repeated):
                raise self._taken(caller, task_id)
        self._project(derive.step(None, task, change), intent)
        self.buckets.count(task.project_id, task.list_bucket, task_id)
        return task

    def _new(self, caller: Caller, operation: Operation, task_id: uuid.UUID, body: dict[str, Any]) -> Task:
        project_id = body.get("project_id", policies.inbox(caller.user_id))
        policies.check_project(caller, project_id)
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
        if not policies.may_read(caller, task.project_id):
            return _missing()
        if task.deleted_at:
            return Problem("in_trash", "The task is in the trash; restore it instead.")
        return Problem("already_exists", "The task exists already.", current_version=task.version)

    # -- Reading

    def get(self, caller: Caller, task_id: uuid.UUID, consistency: int | None = None) -> Task:
        """Read a live task.

        :raise Problem: ``not_found``
        """
        return self._visible(caller, queries.get(task_id, consistency), trashed=False)

    def _visible(self, caller: Caller, task: Task | None, *, trashed: bool | None) -> Task:
        if task is None or not task.exists or task.has_expired(clock.now()):
            raise _missing()
        if not policies.may_read(caller, task.project_id):
            raise _missing()
        if trashed is not None and bool(task.deleted_at) != trashed:
            raise _missing()
        return task

    def history(self, caller: Caller, task_id: uuid.UUID, before: int, limit: int, consistency: int | None = None
                ) -> list[Change]:
        """Read the changes of a live task, newest first."""
        self.get(caller, task_id, consistency)
        return queries.history(task_id, before, limit, consistency)

    # -- Changing

    def replace(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, body: Any) -> Written:
        """Replace the tutorial's four fields, and the others that were sent."""
        sent = edits.replacement(body)
        return self._change(caller, operation, task_id, tags, "updated",
                            lambda task, at: edits.replaced(task, sent, at))

    def patch(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, body: Any) -> Written:
        """Change the fields that were sent (RFC 7396)."""
        sent = edits.merge_patch(body)
        return self._change(caller, operation, task_id, tags, "updated",
                            lambda task, at: edits.patched(task, sent, at))

    def trash(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Written:
        """Move a task to the trash."""
        return self._change(caller, operation, task_id, tags, "deleted",
                            lambda task, at: task.replace(deleted_at=at))

    def restore(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Written:
        """Take a task out of the trash.

        :raise Problem: ``not_in_trash``
        """
        def edit(task: Task, at: datetime) -> Task:
            if not task.deleted_at:
                raise Problem("not_in_trash", "The task is not in the trash.")
            return task.replace(deleted_at=None)

        return self._change(caller, operation, task_id, tags, "restored", edit, trashed=None)

    def undo(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> Written:
        """Take the last change back, as a new version; undoing the creation moves the task to the trash."""
        def edit(task: Task, at: datetime) -> Task:
            last = next(iter(queries.history(task_id, task.version + 1, 1)), None)
            if last is None or last.version != task.version:
                raise Problem("nothing_to_undo", "The task's last change is no longer known.")
            if last.kind == "created":
                return task.replace(deleted_at=at)
            before = changes.undone(task, last.diff)
            if before.has_expired(at):
                raise Problem("nothing_to_undo", "The task would be over at once: it had an expiry that has passed.")
            # It is in the trash from now on, however long it was there before.
            return before.replace(deleted_at=before.deleted_at and at)

        try:
            return self._change(caller, operation, task_id, tags, "undone", edit)
        except Problem as problem:
            if problem.code != "invalid":
                raise
            raise Problem("nothing_to_undo", f"The change cannot be taken back: {problem.detail}") from problem

    def remove(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags) -> None:
        """Remove a task for good, live or in the trash."""
        for attempt in range(ATTEMPTS):
            found = queries.get(task_id)
            if operation.repeated and found and derive.holds(found, operation.change_id):
                derive.derive_again(task_id)
                return
            task = self._visible(caller, found, trashed=None)
            _check_version(task, tags)
            if self._remove(task, operation):
                return
            _pause(attempt)
        raise _contended()

    def _remove(self, task: Task, operation: Operation) -> bool:
        history = queries.history(task.task_id, queries.NEWEST, derive.VERSIONS)
        change = changes.removal([task, *changes.earlier(task, history)], operation)
        intent = Intent.new(task.task_id, change.change_id)
        with _nothing_stored(intent):
            noted = intent.note()
            # With the history goes what events could be derived from again, should one of their workers have died.
            derive.settle(history, operation.at)
            noted.rows()
            if not queries.remove(task, change, repeated=operation.repeated):
                intent.drop()
                return False
        self._project([*derive.removals(task.replace(current_version=change.version), change.diff),
                       *events.of(change)], intent)
        return True

    def _change(self, caller: Caller, operation: Operation, task_id: uuid.UUID, tags: Tags, kind: str,
                edit: Callable[[Task, datetime], Task], *, trashed: bool | None = False) -> Written:
        """Work a change out, and store it if nobody came first; else, without If-Match, work it out anew."""
        intent = Intent.new(task_id, operation.change_id)
        with _nothing_stored(intent):
            noted = intent.note()
            for attempt in range(ATTEMPTS):
                found = queries.get(task_id)
                noted.rows()
                if operation.repeated and found and derive.holds(found, operation.change_id):
                    return self._repeated(found, intent)
                old = self._visible(caller, found, trashed=trashed)
                _check_version(old, tags)
                at = changes.time_after(old, operation)
                new = self._checked(caller, old, edits.completion(old, edit(old, at), at))
                if new == old:
                    intent.drop()
                    return Written(old, changed=False)
                new = changes.following(old, new, at, clock.now())
                change = changes.between(old, new, operation, kind)
                if self._hold_ancestors(old, new) and queries.update(old, new, change, repeated=operation.repeated):
                    break
                _pause(attempt)
            else:
                raise _contended()
        self._project(derive.step(old, new, change), intent, renewed=new if expiry.moved(old, new) else None)
        return Written(new)

    def _repeated(self, task: Task, intent: Intent) -> Written:
        """Answer a change that an earlier attempt stored; its worker may have died before it told the lists."""
        with _stored():
            derive.derive_again(task.task_id)
        intent.drop()
        return Written(task)

    def _hold_ancestors(self, old: Task, new: Task) -> bool:
        """See to it that a new parent makes no circle with another that is given meanwhile; tell whether to go on.

        :raise Problem: ``invalid``, for a parent that cannot be one
        """
        if new.parent_id in (None, old.parent_id):
            return True
        return queries.guard(edits.ancestors(new, queries.get_present))

    def _project(self, writes: list[projections.Write], intent: Intent, renewed: Task | None = None) -> None:
        """Write what is derived from a change that is stored, and take its note back.

        :param renewed: the task, if its history must live for another time than before
        """
        writes = self._months.named(writes)
        with _stored():
            projections.side_by_side(writes)
        self._months.stored(writes)
        if renewed is None or _history_follows(renewed):
            intent.drop()

    def _checked(self, caller: Caller, old: Task | None, new: Task) -> Task:
        """Check what a schema cannot: project, assignees and parent."""
        if old is None or new.project_id != old.project_id:
            policies.check_project(caller, new.project_id)
        edits.check_assignees(old, new, policies.members(caller, new.project_id))
        if old is None:
            # Nothing is below a new task, so nothing can make a circle of it meanwhile.
            edits.ancestors(new, queries.get_present)
        return new

    # -- Keeping

    def purge(self, task_id: uuid.UUID, operation: Operation) -> bool:
        """Remove a task for good whose time in the trash is over; tell whether it was."""
        task = queries.get_present(task_id)
        if task is None or not task.exists or not task.deleted_at:
            return False
        if task.deleted_at + self._trash_time > operation.at:
            return False
        return self._remove(task, operation)


@contextmanager
def _nothing_stored(intent: Intent) -> Iterator[None]:
    """Do what comes before a change of the truth is stored: whatever refuses it, the note is taken back.

    What leaves the outcome unknown leaves the note.
    """
    try:
        yield
    except (Problem, DatabaseUnavailable):
        intent.drop()
        raise


@contextmanager
def _stored() -> Iterator[None]:
    """Do what follows a change of the truth: that it failed must not sound as if nothing was stored.

    The note of the intent stays, so a sweeper does it.
    """
    try:
        yield
    except DatabaseUnavailable as error:
        raise OutcomeUnknown(f"stored, but not in the lists: {error}") from error


def _history_follows(task: Task) -> bool:
    """Let the history of a task live as long as the task; tell whether all of it does.

    What is left is left to a sweeper: nobody can see the difference until a day after the task.
    """
    try:
        return derive.renew_history(task) is None
    except (DatabaseUnavailable, OutcomeUnknown):
        return False


def _check_version(task: Task, tags: Tags) -> None:
    if tags is not None and not etag.matches(tags, task.version):
        sent = ", ".join(tag.strip('"') if tag.startswith('"') else tag for tag in sorted(tags))
        raise Problem("version_conflict", f"The task is at version {task.version}, not {sent}.",
                      current_version=task.version)


def _pause(attempt: int) -> None:
    # Writers that met once should not meet again: a random wait that grows, 5 ms at first, 160 ms at most.
    time.sleep(random.uniform(0, min(0.16, 0.005 * 2**attempt)))


def _missing() -> Problem:
    return Problem("not_found", "Task not found")


def _contended() -> Problem:
    return Problem("contention", "Too many others changed the task at the same time.", headers={"Retry-After": "1"})
