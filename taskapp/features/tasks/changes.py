"""Changes of tasks: what each version did, and what the key columns of earlier ones were. All functions are pure."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from taskapp.features.tasks.models import Change, Task
from taskapp.kit.operation import Operation
from taskapp.writepath.diffs import Diffs, wire

# What is about the change itself, or about where the task is kept, is in no diff.
DIFFS = Diffs(Task, without={"task_id", "current_version", "updated_at", "list_bucket", "rescheduled_at", "guard",
                             "created_at", "created_by"})
# What the keys of derived rows are computed from.
_KEYS = ("project_id", "created_at", "due_date", "deleted_at", "list_bucket", "expires_at", "created_by")


def between(old: Task | None, new: Task, operation: Operation, kind: str) -> Change:
    """Describe the step from one version to the next."""
    return _change(new.task_id, new.current_version, new.updated_at, operation, kind, DIFFS.between(old, new))


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


def before_removal(remains: Task, stored: str) -> list[Task]:
    """Give the remains of a removed task the keys that its last change kept; one task per set of keys."""
    return [remains.replace(title="", **DIFFS.read(keys)) for keys in orjson.loads(stored)["rows"]]
