"""Deriving a task's projections again: after a crash, for repair, and for who repeats a request."""

import uuid
from datetime import datetime
from typing import Any

from cassandra import ConsistencyLevel

from taskapp.cassandra import projections
from taskapp.cassandra.intents import UNFINISHED, Intent
from taskapp.features.activity import events
from taskapp.features.tasks import changes, expiry, queries
from taskapp.features.tasks.changes import Change
from taskapp.features.tasks.projections import PROJECTIONS, exists
from taskapp.kit import clock

Task = dict[str, Any]
# Versions whose rows are looked for when a task is derived again: more changes than that in the few seconds between a
# worker's death and the sweep would leave a row behind, which `taskapp repair` finds.
VERSIONS = 100
# Changes that are written again in one batch: with the largest diffs there can be, some megabytes.
RENEWED = 10


def derive_again(task_id: uuid.UUID) -> None:
    """Write the projections of a task as its truth says, and remove the rows of the versions before.

    The truth is read at the serial level: a change that was accepted and not committed yet is ended by that, or the
    next conditional write would commit it, and nobody would derive it.
    """
    task = queries.get(task_id, ConsistencyLevel.LOCAL_SERIAL)
    if task is None:
        return
    projections.side_by_side(events.with_months(writes(task, queries.history(task_id, queries.NEWEST, VERSIONS))))
    before: int | None = queries.NEWEST
    while before is not None:
        before = renew_history(task, before)


def finish(intent: Intent) -> bool:
    """Finish a change that its worker left; tell whether it was found, or can no longer come.

    One that is not found may still wait in the socket of a node that hangs. What is derived is read after it was found.
    """
    task = queries.get(intent.task_id, ConsistencyLevel.LOCAL_SERIAL)
    # Of a task that was removed for good no change is known, and its version is past whatever could come.
    if task is None or (exists(task) and not holds(task, intent.change_id)):
        return False
    derive_again(intent.task_id)
    return True


def step(old: Task | None, new: Task, change: Change) -> list[projections.Write]:
    """Work out what one change means for all tables: the rows of the task, and the event."""
    return [*projections.changes(PROJECTIONS, old, new), *events.of(change.row())]


def settle(history: list[dict[str, Any]], at: datetime) -> None:
    """Write the events of changes so young that the worker of one may have died before it did.

    :param history: changes, with their columns' names
    """
    young = [write for change in history if change["at"] + UNFINISHED > at for write in events.of(change)]
    for answer in [write.send() for write in events.with_months(young)]:
        answer.rows()


def renew_history(task: Task, before: int = queries.NEWEST) -> int | None:
    """Let the changes below a version live as long as their task; return the version to go on below, None at the end.

    Nobody sees that they do not: a task that is over has no history to show. But they must not end before the task, and
    should not stay for ever.
    """
    rows, now = queries.lifetimes(task["task_id"], before, VERSIONS), clock.now()
    other = [row[:-1] for row in rows if not expiry.fits(task, row[-1], now)]
    for first in range(0, len(other), RENEWED):
        if not queries.renew(task, other[first:first + RENEWED]):
            # The expiry has changed since: whoever changed it does this.
            return None
    return int(rows[-1][queries.HISTORY.index("version")]) if len(rows) == VERSIONS else None


def writes(task: Task, history: list[queries.Row]) -> list[projections.Write]:
    """Work out all writes that make the tables agree with a task: pure, and the same however often.

    :param history: its changes, newest first
    """
    rows = named(history)
    if rows and rows[0]["kind"] == "removed":
        return [*removals({**task, "current_version": rows[0]["version"]}, rows[0]["diff"]), *events.of(rows[0])]
    now = changes.normal(task)
    found = [write for change in rows for write in events.of(change)]
    found += [write for projection in PROJECTIONS for write in projection.whole(now)]
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


def holds(task: Task, change_id: uuid.UUID) -> bool:
    """Tell whether a change is in the history of a task."""
    before, asked_at = queries.NEWEST, clock.timeuuid_time(change_id)
    while rows := queries.history(task["task_id"], before, VERSIONS):
        for row in rows:
            change = dict(zip(queries.HISTORY, row, strict=True))
            if change["change_id"] == change_id:
                return True
            before = change["version"]
        # No change is older than the time at which it was asked for.
        if change["at"] < asked_at and len(rows) == VERSIONS:
            return False
    return False
