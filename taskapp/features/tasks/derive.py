"""Deriving a task's projections again: after a crash, for repair, and for who repeats a request."""

import uuid
from typing import Any

from taskapp.cassandra import projections
from taskapp.features.tasks import changes, queries
from taskapp.features.tasks.projections import PROJECTIONS
from taskapp.kit.operation import Operation

Task = dict[str, Any]
# Versions whose rows are looked for when a task is derived again: more changes than that in the few seconds between a
# worker's death and the sweep would leave a row behind, which `taskapp repair` finds.
VERSIONS = 100


def derive_again(task_id: uuid.UUID) -> None:
    """Write the projections of a task as its truth says, and remove the rows of the versions before."""
    task = queries.get(task_id)
    if task is None:
        return
    projections.side_by_side(writes(task, queries.history(task_id, queries.NEWEST, VERSIONS)))


def writes(task: Task, history: list[queries.Row]) -> list[projections.Write]:
    """Work out all writes that make the tables agree with a task: pure, and the same however often.

    :param history: its changes, newest first
    """
    rows = named(history)
    if rows and rows[0]["kind"] == "removed":
        return removals(task, rows[0]["diff"])
    now = changes.normal(task)
    found = [write for projection in PROJECTIONS for write in projection.whole(now)]
    for before in changes.earlier(now, rows):
        found += [write for write in projections.changes(PROJECTIONS, before, now) if write.removes]
    return _once(found)


def removals(remains: Task, diff: str) -> list[projections.Write]:
    """Work out the writes that take a removed task out of all tables.

    :param diff: that of its last change
    """
    return _once([write for before in changes.before_removal(remains, diff)
                  for write in projections.changes(PROJECTIONS, before, {**before, "title": None})])


def named(history: list[queries.Row]) -> list[dict[str, Any]]:
    """Give the columns of changes their names."""
    return [dict(zip(queries.HISTORY, row, strict=True)) for row in history]


def _once(found: list[projections.Write]) -> list[projections.Write]:
    kept: list[projections.Write] = []
    for write in found:
        if not write.removes or write not in kept:
            kept.append(write)
    return kept


def holds(task: Task, operation: Operation) -> bool:
    """Tell whether an operation that is repeated was carried out: its change is in the history."""
    before = queries.NEWEST
    while rows := queries.history(task["task_id"], before, VERSIONS):
        for row in rows:
            change = dict(zip(queries.HISTORY, row, strict=True))
            if change["change_id"] == operation.change_id:
                return True
            before = change["version"]
        if change["at"] < operation.at and len(rows) == VERSIONS:
            return False
    return False
