"""Edits: what a request makes of a task. Pure functions but for the look at a parent."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from taskapp.features.tasks.projections import exists
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

Task = dict[str, Any]
PARENTS_MOST = 16
_CREATE, _REPLACE, _PATCH, _DUMP = TaskCreate(), TaskReplace(), TaskPatch(), TaskSchema()
_MOST = {"labels": LABELS_MOST, "assignees": ASSIGNEES_MOST, "metadata": METADATA_MOST}


def replaced(task: Task, body: Any) -> Task:
    """Work out a PUT: the four replaced fields get what was sent or their default, others what was sent.

    :raise Problem: ``invalid`` or ``read_only``
    """
    sent = load_body(_REPLACE, _without_server_owned(task, body))
    return {**task, **{name: DEFAULTS.get(name) for name in REPLACED}, **sent}


def patched(task: Task, body: Any) -> Task:
    """Work out a PATCH (RFC 7396): fields that were sent change, null gives a field its default.

    :raise Problem: ``invalid`` or ``read_only``
    """
    sent = load_body(_PATCH, _without_server_owned(task, body))
    new = {**task, **{name: _merged(name, task, value) for name, value in sent.items()}}
    errors = [member_error(f"/{name}", f"Must have at most {most} values; with this change it has {len(new[name])}.")
              for name, most in _MOST.items() if len(new[name]) > most]
    if errors:
        raise invalid(errors)
    return new


def _merged(name: str, task: Task, value: Any) -> Any:
    if value is None:
        return DEFAULTS.get(name)
    if isinstance(value, SetChange):
        return value.apply(task[name])
    if name == "metadata":
        merged = {**task["metadata"], **value}
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


def _without_server_owned(task: Task, body: Any) -> Any:
    """Take out the members that the service owns, which must have their current values."""
    if not isinstance(body, dict) or not any(name in body for name in SERVER_OWNED):
        return body
    current = _DUMP.dump({**task, "version": task["current_version"]})
    wrong = [member_error(pointer("", name), "Is the service's own; send its current value, or leave it out.")
             for name in SERVER_OWNED if name in body and not _same(body[name], current[name])]
    if wrong:
        raise invalid(wrong, "read_only")
    return {name: value for name, value in body.items() if name not in SERVER_OWNED}


def _same(sent: Any, current: Any) -> bool:
    return type(sent) is type(current) and bool(sent == current)


def completion(old: Task | None, new: Task, at: datetime) -> Task:
    """Set ``completed_at`` when the status becomes ``completed``, and clear it when it leaves it."""
    was, is_ = bool(old and old["status"] == "completed"), new["status"] == "completed"
    if was == is_:
        return new
    return {**new, "completed_at": (new["completed_at"] or at) if is_ else None}


def check_assignees(old: Task | None, new: Task, members: frozenset[uuid.UUID]) -> None:
    """Refuse assignees who are not in the project, unless they were assigned before.

    :raise Problem: ``invalid``
    """
    strangers = new["assignees"] - members - (old["assignees"] if old else frozenset())
    if strangers:
        raise invalid([member_error("/assignees", f"{each} is not a member of the project.")
                       for each in sorted(strangers, key=str)])


def check_parent(task: Task, get: Callable[[uuid.UUID], Task | None]) -> None:
    """Refuse a parent that is no live task of the project, or a part of this task itself.

    :raise Problem: ``invalid``
    """
    above = task["parent_id"]
    for step in range(PARENTS_MOST + 1):
        if above == task["task_id"]:
            raise invalid([member_error("/parent_id", "A task cannot be a part of itself.")])
        parent = get(above)
        if step == 0 and not _fit(parent, task):
            raise invalid([member_error("/parent_id", "Not a task of this project.")])
        above = parent["parent_id"] if parent else None
        if above is None:
            return
    raise invalid([member_error("/parent_id", f"It has {PARENTS_MOST} tasks above it already.")])


def _fit(parent: Task | None, task: Task) -> bool:
    return bool(parent and exists(parent) and not parent["deleted_at"] and parent["project_id"] == task["project_id"])
