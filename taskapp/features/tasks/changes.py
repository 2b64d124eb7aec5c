"""Changes: the difference between one version and the next, and how to undo it.

All functions are pure. A diff is ``{field: [old, new]}`` in the wire format, so it can be returned as it is stored.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from taskapp.cassandra.mapper import names
from taskapp.features.tasks.models import Change, Task
from taskapp.kit import clock
from taskapp.kit.operation import Operation

# Columns of a task that are about the change itself, or about where it is kept.
_NOT_IN_DIFFS = {"task_id", "current_version", "updated_at", "list_bucket", "rescheduled_at", "guard", "created_at",
                 "created_by"}
_FIELDS = [name for name in names(Task) if name not in _NOT_IN_DIFFS]
_TIMES = {"due_date", "completed_at", "deleted_at", "expires_at", "created_at"}
_IDS = {"project_id", "parent_id", "created_by"}
# What the keys of derived rows are computed from.
_KEYS = ("project_id", "created_at", "due_date", "deleted_at", "list_bucket", "expires_at", "created_by")
_NOTHING = Task()


def between(old: Task | None, new: Task, operation: Operation, kind: str) -> Change:
    """Describe the step from one version to the next."""
    return _change(new.task_id, new.current_version, new.updated_at, operation, kind, diff(old or _NOTHING, new))


def removal(versions: Sequence[Task], operation: Operation) -> Change:
    """Describe the removal of a task: its diff keeps the keys of the rows derived from its versions, but no content.

    :param versions: newest first; includes earlier ones, since a worker that died may have left a row of theirs
    """
    kept: list[dict[str, Any]] = []
    for task in versions:
        keys = {name: wire(getattr(task, name)) for name in _KEYS}
        if keys not in kept:
            kept.append(keys)
    last = versions[0]
    return _change(last.task_id, last.current_version + 1, time_after(last, operation), operation, "removed",
                   {"rows": kept})


def earlier(task: Task, history: Iterable[Change]) -> Iterator[Task]:
    """Yield the earlier versions of a task, newest first.

    :param history: its changes, newest first
    """
    for change in history:
        if change.kind == "created":
            return
        task = undone(task, change.diff)
        yield task


def following(old: Task, new: Task, at: datetime, now: datetime) -> Task:
    """Turn an edited task into the next version.

    :param at: the time of the change
    :param now: the actual time, which walks rely on if the due date changed; a repeated operation has the time of its
        first attempt
    """
    moved = now if new.due_date != old.due_date else old.rescheduled_at
    return new.replace(current_version=old.current_version + 1, updated_at=at, rescheduled_at=moved)


def time_after(task: Task, operation: Operation) -> datetime:
    """Return the time of a change: that of its operation, but always later than the previous change."""
    return max(operation.at, task.updated_at + timedelta(milliseconds=1))


def _change(task_id: uuid.UUID, version: int, at: datetime, operation: Operation, kind: str, body: dict[str, Any]
            ) -> Change:
    return Change(change_id=operation.change_id, task_id=task_id, version=version, at=at, actor=operation.actor,
                  kind=kind, diff=orjson.dumps(body).decode())


def diff(old: Task, new: Task) -> dict[str, list[Any]]:
    """List the fields that differ, as ``{field: [old, new]}``."""
    both = ((name, getattr(old, name), getattr(new, name)) for name in _FIELDS)
    return {name: [wire(before), wire(after)] for name, before, after in both if before != after}


def undone(task: Task, stored: str) -> Task:
    """Undo a diff: the fields it names get their old values."""
    return task.replace(**{name: unwire(name, values[0]) for name, values in orjson.loads(stored).items()})


def before_removal(remains: Task, stored: str) -> list[Task]:
    """Give the remains of a removed task the keys that its last change kept; one task per set of keys."""
    return [remains.replace(title="", **{name: unwire(name, value) for name, value in keys.items()})
            for keys in orjson.loads(stored)["rows"]]


def wire(value: Any) -> Any:
    """Give a value the form it has in JSON."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(wire(each) for each in value)


def unwire(name: str, value: Any) -> Any:
    """Read a field's value back from its JSON form."""
    if value is None:
        return None
    if name == "assignees":
        return frozenset(uuid.UUID(each) for each in value)
    if name == "labels":
        return frozenset(value)
    convert: Callable[[Any], Any] = clock.parsed if name in _TIMES else uuid.UUID if name in _IDS else _same
    return convert(value)


def _same(value: Any) -> Any:
    return value
