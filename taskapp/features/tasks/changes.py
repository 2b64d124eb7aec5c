"""Changes: what one version has that the one before had not, and the way back.

All functions are pure. A task is a dict of the truth's columns; a diff is ``{field: [old, new]}`` in the form of the
wire, so that it can be shown as it is stored.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from taskapp.kit import clock
from taskapp.kit.operation import Operation

Task = dict[str, Any]
# Fields of a task that are about the change itself, or about where it is kept.
_NOT_IN_DIFFS = {"task_id", "current_version", "updated_at", "list_bucket", "rescheduled_at", "guard", "created_at",
                 "created_by"}
_TIMES = {"due_date", "completed_at", "deleted_at", "expires_at", "created_at"}
_IDS = {"project_id", "parent_id", "created_by"}
# What the keys of derived rows are made of.
_KEYS = ("project_id", "created_at", "due_date", "deleted_at", "list_bucket", "expires_at", "created_by")
_NOTHING: dict[str, Any] = {"labels": frozenset(), "assignees": frozenset(), "metadata": {}}


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the history.

    :param diff: JSON text
    :param repeated: an earlier attempt of the same operation may have stored it
    """

    change_id: uuid.UUID
    task_id: uuid.UUID
    version: int
    at: datetime
    actor: uuid.UUID
    kind: str
    diff: str
    repeated: bool

    def row(self) -> dict[str, Any]:
        """Give the columns of the history's row."""
        return {"change_id": self.change_id, "task_id": self.task_id, "version": self.version, "at": self.at,
                "actor": self.actor, "kind": self.kind, "diff": self.diff}


def between(old: Task | None, new: Task, operation: Operation, kind: str) -> Change:
    """Describe the step from one version to the next."""
    return _change(new["task_id"], new["current_version"], new["updated_at"], operation, kind, diff(old or {}, new))


def removal(versions: Sequence[Task], operation: Operation) -> Change:
    """Describe the end of a task: its diff keeps the keys of the rows derived from its versions, and no content.

    :param versions: the last one first; earlier ones, since a dead worker may have left a row of theirs
    """
    kept: list[dict[str, Any]] = []
    for task in versions:
        keys = {name: wire(task[name]) for name in _KEYS}
        if keys not in kept:
            kept.append(keys)
    last = versions[0]
    return _change(last["task_id"], last["current_version"] + 1, time_after(last, operation), operation, "removed",
                   {"rows": kept})


def earlier(task: Task, history: Iterable[Mapping[str, Any]]) -> Iterator[Task]:
    """Go back through the versions of a task.

    :param history: its changes, newest first
    """
    for change in history:
        if change["kind"] == "created":
            return
        task = undone(task, change["diff"])
        yield task


def following(old: Task, new: Task, at: datetime, now: datetime) -> Task:
    """Make what was edited the next version.

    :param at: the time of the change
    :param now: the time in fact, of which walks are told if the due date changed: a repeat of an operation has the time
        of its first attempt
    """
    moved = now if new["due_date"] != old["due_date"] else old["rescheduled_at"]
    return {**new, "current_version": old["current_version"] + 1, "updated_at": at, "rescheduled_at": moved}


def time_after(task: Task, operation: Operation) -> datetime:
    """Give a change its time: when it was asked for, but after the change before, whose turn came first."""
    return max(operation.at, task["updated_at"] + timedelta(milliseconds=1))


def _change(task_id: uuid.UUID, version: int, at: datetime, operation: Operation, kind: str, body: dict[str, Any]
            ) -> Change:
    return Change(operation.change_id, task_id, version, at, operation.actor, kind, orjson.dumps(body).decode(),
                  operation.repeated)


def diff(old: Mapping[str, Any], new: Task) -> dict[str, list[Any]]:
    """List the fields that differ, as ``{field: [old, new]}``."""
    return {name: [wire(_value(old, name)), wire(_value(new, name))] for name in new
            if name not in _NOT_IN_DIFFS and _value(old, name) != _value(new, name)}


def undone(task: Task, stored: str) -> Task:
    """Take a diff back: the fields it names get their old values."""
    return {**task, **{name: unwire(name, values[0]) for name, values in orjson.loads(stored).items()}}


def before_removal(remains: Task, stored: str) -> list[Task]:
    """Give the remains of a removed task the keys that its last change kept: a task for each."""
    return [{**remains, "title": "", **{name: unwire(name, value) for name, value in keys.items()}}
            for keys in orjson.loads(stored)["rows"]]


def wire(value: Any) -> Any:
    """Give a value the form it has in JSON."""
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str | int | None):
        return value
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


def normal(task: Task) -> Task:
    """Give what the database returned the values used inside: empty sets and maps for null, plain ones for its own."""
    return {**task, "labels": frozenset(task["labels"] or ()), "assignees": frozenset(task["assignees"] or ()),
            "metadata": dict(task["metadata"] or {})}


def _value(task: Mapping[str, Any], name: str) -> Any:
    value = task.get(name)
    return _NOTHING.get(name) if value is None else value


def _same(value: Any) -> Any:
    return value
