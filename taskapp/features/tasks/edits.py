"""Edits: how a request changes a task. Pure functions, except for reading ancestors."""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from taskapp.features.tasks import due, expiry
from taskapp.features.tasks.models import Task
from taskapp.features.tasks.schemas import (
    DEFAULTS,
    READ_ONLY,
    REPLACED,
    TaskCreate,
    TaskPatch,
    TaskReplace,
    TaskSchema,
)
from taskapp.kit import merge_patch
from taskapp.kit.fields import parse_id
from taskapp.kit.merge_patch import Sent
from taskapp.kit.problem import invalid, member_error
from taskapp.kit.strict_json import pointer
from taskapp.kit.validation import load_body

MAX_ANCESTORS = 16
_CREATE, _REPLACE, _PATCH, _DUMP = TaskCreate(), TaskReplace(), TaskPatch(), TaskSchema()


def replacement(body: Any) -> Sent:
    """Check the body of a PUT.

    :raise Problem: ``invalid``
    """
    return merge_patch.read(_REPLACE, body, READ_ONLY)


def patch(body: Any) -> Sent:
    """Check the body of a PATCH.

    :raise Problem: ``invalid``
    """
    return merge_patch.read(_PATCH, body, READ_ONLY)


def replaced(task: Task, sent: Sent, at: datetime) -> Task:
    """Apply a PUT: the four replaced fields get the value sent or their default, others change only if sent.

    :raise Problem: ``read_only``
    """
    _check_read_only(task, sent)
    sent_members = due.applied(expiry.applied(sent.members, at))
    return task.replace(**{name: DEFAULTS.get(name) for name in REPLACED} | sent_members)


def patched(task: Task, sent: Sent, at: datetime) -> Task:
    """Apply a PATCH: the fields that were sent change; null resets a field to its default.

    :raise Problem: ``read_only``, or ``invalid`` for too many values
    """
    _check_read_only(task, sent)
    merged = merge_patch.merged(_PATCH, task, sent.members, DEFAULTS)
    return task.replace(**due.applied(expiry.applied(merged, at), task))


def made(body: Any, task_id: uuid.UUID | None = None) -> dict[str, Any]:
    """Check the body of a task to be created.

    :param task_id: the id chosen by the client, if any; the body may also contain it
    :raise Problem: ``invalid`` or ``read_only``
    """
    if isinstance(body, dict):
        wrong = [member_error(pointer("", name), "Read-only; leave it out.") for name in READ_ONLY
                 if name in body and not (name == "task_id" and task_id and parse_id(body[name]) == task_id)]
        if wrong:
            raise invalid(wrong, "read_only")
        body = {name: value for name, value in body.items() if name != "task_id"}
    return due.applied(load_body(_CREATE, body))


def _check_read_only(task: Task, sent: Sent) -> None:
    if sent.read_only:
        merge_patch.check_read_only(sent, _DUMP.dump(task))


def completion(old: Task | None, new: Task, at: datetime) -> Task:
    """Set ``completed_at`` when the status becomes ``completed``, and clear it when the status changes back."""
    was, is_ = old is not None and old.status == "completed", new.status == "completed"
    if was == is_:
        return new
    return new.replace(completed_at=(new.completed_at or at) if is_ else None)


def check_assignees(old: Task | None, new: Task, members: Collection[uuid.UUID]) -> None:
    """Refuse assignees who are not in the project, unless they were assigned before.

    :raise Problem: ``invalid``
    """
    strangers = new.assignees.difference(members, old.assignees if old else ())
    if strangers:
        raise invalid([member_error("/assignees", f"{each} is not a member of the project.")
                       for each in sorted(strangers, key=str)])


def ancestors(task: Task, get: Callable[[uuid.UUID], Task | None]) -> list[Task]:
    """List the ancestors of a task, its parent first.

    :raise Problem: ``invalid``, for a parent that is not a live task of the project, that is this task or below it, or
        that is too deep
    """
    found: list[Task] = []
    above = task.parent_id
    while above is not None:
        if above == task.task_id:
            raise invalid([member_error("/parent_id", "A task cannot be a part of itself.")])
        if len(found) == MAX_ANCESTORS:
            raise invalid([member_error("/parent_id", f"It has {MAX_ANCESTORS} tasks above it already.")])
        parent = get(above)
        if not found and not _fit(parent, task):
            raise invalid([member_error("/parent_id", "Not a task of this project.")])
        if parent is None:
            break
        found.append(parent)
        above = parent.parent_id
    return found


def _fit(parent: Task | None, task: Task) -> bool:
    return bool(parent and parent.exists and not parent.deleted_at and parent.project_id == task.project_id)
