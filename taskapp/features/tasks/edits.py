"""Edits: what a request makes of a task. Pure functions but for the look at a parent."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema

from taskapp.features.tasks import expiry
from taskapp.features.tasks.models import Task
from taskapp.features.tasks.schemas import (
    ASSIGNEES_MOST,
    DEFAULTS,
    LABELS_MOST,
    METADATA_MOST,
    REPLACED,
    SERVER_OWNED,
    TaskCreate,
    TaskPatch,
    TaskReplace,
    TaskSchema,
)
from taskapp.kit.fields import SetChange, parse_id
from taskapp.kit.problem import invalid, member_error
from taskapp.kit.strict_json import pointer
from taskapp.kit.validation import load_body

PARENTS_MOST = 16
_CREATE, _REPLACE, _PATCH, _DUMP = TaskCreate(), TaskReplace(), TaskPatch(), TaskSchema()
_MOST = {"labels": LABELS_MOST, "assignees": ASSIGNEES_MOST, "metadata": METADATA_MOST}


@dataclass(frozen=True, slots=True)
class Sent:
    """The body of a change, checked as far as it can be without the task.

    :param members: what the client may set, parsed
    :param owned: members of the service's own, as they were sent
    """

    members: dict[str, Any]
    owned: dict[str, Any]


def replacement(body: Any) -> Sent:
    """Check the body of a PUT.

    :raise Problem: ``invalid``
    """
    return _sent(_REPLACE, body)


def merge_patch(body: Any) -> Sent:
    """Check the body of a PATCH.

    :raise Problem: ``invalid``
    """
    return _sent(_PATCH, body)


def _sent(schema: Schema, body: Any) -> Sent:
    if not isinstance(body, dict):
        return Sent(load_body(schema, body), {})
    owned = {name: value for name, value in body.items() if name in SERVER_OWNED}
    return Sent(load_body(schema, {name: body[name] for name in body if name not in owned}), owned)


def replaced(task: Task, sent: Sent, at: datetime) -> Task:
    """Work out a PUT: the four replaced fields get what was sent or their default, others what was sent.

    :raise Problem: ``read_only``
    """
    _check_owned(task, sent)
    return task.replace(**{name: DEFAULTS.get(name) for name in REPLACED} | expiry.applied(sent.members, at))


def patched(task: Task, sent: Sent, at: datetime) -> Task:
    """Work out a PATCH (RFC 7396): fields that were sent change, null gives a field its default.

    :raise Problem: ``read_only``, or ``invalid`` for too many values
    """
    _check_owned(task, sent)
    members = expiry.applied(sent.members, at)
    new = task.replace(**{name: _merged(name, task, value) for name, value in members.items()})
    counts = {name: len(getattr(new, name)) for name in _MOST}
    errors = [member_error(f"/{name}", f"Must have at most {_MOST[name]} values; with this change it has {count}.")
              for name, count in counts.items() if count > _MOST[name]]
    if errors:
        raise invalid(errors)
    return new


def _merged(name: str, task: Task, value: Any) -> Any:
    if value is None:
        return DEFAULTS.get(name)
    if isinstance(value, SetChange):
        return value.apply(getattr(task, name))
    if name == "metadata":
        merged = {**task.metadata, **value}
        return {key: each for key, each in merged.items() if each is not None}
    return value


def made(body: Any, task_id: uuid.UUID | None = None) -> dict[str, Any]:
    """Check the body of a task to be made.

    :param task_id: the id that the client chose, if it did; the body may name it, too
    :raise Problem: ``invalid`` or ``read_only``
    """
    if isinstance(body, dict):
        wrong = [member_error(pointer("", name), "Is the service's own; leave it out.") for name in SERVER_OWNED
                 if name in body and not (name == "task_id" and task_id and parse_id(body[name]) == task_id)]
        if wrong:
            raise invalid(wrong, "read_only")
        body = {name: value for name, value in body.items() if name != "task_id"}
    return load_body(_CREATE, body)


def _check_owned(task: Task, sent: Sent) -> None:
    """Hold that the members which the service owns have their current values."""
    if not sent.owned:
        return
    current = _DUMP.dump(task)
    wrong = [member_error(pointer("", name), "Is the service's own; send its current value, or leave it out.")
             for name, value in sent.owned.items() if not _same(value, current[name])]
    if wrong:
        raise invalid(wrong, "read_only")


def _same(sent: Any, current: Any) -> bool:
    return type(sent) is type(current) and bool(sent == current)


def completion(old: Task | None, new: Task, at: datetime) -> Task:
    """Set ``completed_at`` when the status becomes ``completed``, and clear it when it leaves it."""
    was, is_ = old is not None and old.status == "completed", new.status == "completed"
    if was == is_:
        return new
    return new.replace(completed_at=(new.completed_at or at) if is_ else None)


def check_assignees(old: Task | None, new: Task, members: frozenset[uuid.UUID]) -> None:
    """Refuse assignees who are not in the project, unless they were assigned before.

    :raise Problem: ``invalid``
    """
    strangers = new.assignees - members - (old.assignees if old else frozenset())
    if strangers:
        raise invalid([member_error("/assignees", f"{each} is not a member of the project.")
                       for each in sorted(strangers, key=str)])


def ancestors(task: Task, get: Callable[[uuid.UUID], Task | None]) -> list[Task]:
    """List the tasks above one, its parent first.

    :raise Problem: ``invalid``, for a parent that is no live task of the project, or a part of this task itself
    """
    found: list[Task] = []
    above = task.parent_id
    while above is not None:
        if above == task.task_id:
            raise invalid([member_error("/parent_id", "A task cannot be a part of itself.")])
        if len(found) == PARENTS_MOST:
            raise invalid([member_error("/parent_id", f"It has {PARENTS_MOST} tasks above it already.")])
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
