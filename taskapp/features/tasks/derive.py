"""Deriving a task's projections again: after a crash, for repair, and for who repeats a request."""

import uuid
from datetime import datetime

from cassandra import ConsistencyLevel

from taskapp.cassandra import projections
from taskapp.cassandra.intents import UNFINISHED, Intent
from taskapp.features.activity import events
from taskapp.features.tasks import changes, expiry, queries
from taskapp.features.tasks.models import Change, Task
from taskapp.features.tasks.projections import PROJECTIONS
from taskapp.kit import clock

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
    if task is None or (task.exists and not holds(task, intent.change_id)):
        return False
    derive_again(intent.task_id)
    return True


def step(old: Task | None, new: Task, change: Change) -> list[projections.Write]:
    """Work out what one change means for all tables: the rows of the task, and the event."""
    return [*projections.changes(PROJECTIONS, old, new), *events.of(change)]


def settle(history: list[Change], at: datetime) -> None:
    """Write the events of changes so young that the worker of one may have died before it did."""
    young = [write for change in history if change.at + UNFINISHED > at for write in events.of(change)]
    for answer in [write.send() for write in events.with_months(young)]:
        answer.rows()


def renew_history(task: Task, before: int = queries.NEWEST) -> int | None:
    """Let the changes below a version live as long as their task; return the version to go on below, None at the end.

    Nobody sees that they do not: a task that is over has no history to show. But they must not end before the task, and
    should not stay for ever.
    """
    found, now = queries.lifetimes(task.task_id, before, VERSIONS), clock.now()
    other = [change for change, left in found if not expiry.fits(task, left, now)]
    for first in range(0, len(other), RENEWED):
        if not queries.renew(task, other[first:first + RENEWED]):
            # The expiry has changed since: whoever changed it does this.
            return None
    return found[-1][0].version if len(found) == VERSIONS else None


def writes(task: Task, history: list[Change]) -> list[projections.Write]:
    """Work out all writes that make the tables agree with a task: pure, and the same however often.

    :param history: its changes, newest first
    """
    if history and history[0].kind == "removed":
        last = history[0]
        return [*removals(task.replace(current_version=last.version), last.diff), *events.of(last)]
    found = [write for change in history for write in events.of(change)]
    found += [write for projection in PROJECTIONS for write in projection.whole(task)]
    for before in changes.earlier(task, history):
        found += [write for write in projections.changes(PROJECTIONS, before, task) if write.removes]
    return _once(found)


def removals(remains: Task, diff: str) -> list[projections.Write]:
    """Work out the writes that take a removed task out of all tables.

    :param diff: that of its last change
    """
    return _once([write for before in changes.before_removal(remains, diff)
                  for write in projections.changes(PROJECTIONS, before, before.replace(title=None))])


def _once(found: list[projections.Write]) -> list[projections.Write]:
    kept: list[projections.Write] = []
    for write in found:
        if not write.removes or write not in kept:
            kept.append(write)
    return kept


def holds(task: Task, change_id: uuid.UUID) -> bool:
    """Tell whether a change is in the history of a task."""
    before, asked_at = queries.NEWEST, clock.timeuuid_time(change_id)
    while found := queries.history(task.task_id, before, VERSIONS):
        if any(change.change_id == change_id for change in found):
            return True
        # No change is older than the time at which it was asked for.
        if found[-1].at < asked_at:
            return False
        before = found[-1].version
    return False
