"""Tasks, as the write path sees them."""

import uuid
from collections.abc import Iterator
from typing import Any

from taskapp.features.tasks import changes, derive, edits, expiry, projections, queries
from taskapp.features.tasks.models import Change, Task
from taskapp.kit import clock
from taskapp.writepath.aggregate import Step
from taskapp.writepath.projections import Write
from taskapp.writepath.truth import NEWEST
from taskapp.writepath.versioned import Versioned

# How many versions back stale rows are looked for when a task is derived again. More changes than that in the few
# seconds between a worker's death and the sweep would leave a row behind, which `taskapp repair` finds.
VERSIONS = 100
# Changes that are rewritten in one batch: a few megabytes with the largest possible diffs.
RENEWED = 10


class TaskAggregate(Versioned[Task]):
    """A task, its history, and its rows in the lists."""

    kind = "task"
    truth = queries.TASKS
    diffs = changes.DIFFS
    projections = projections.PROJECTIONS
    consumers = derive.CONSUMERS

    def is_removed(self, thing: Task) -> bool:
        """Return whether a task was permanently removed."""
        return not thing.exists

    def has_expired(self, thing: Task) -> bool:
        """Return whether a task has expired."""
        return thing.has_expired(clock.now())

    def store(self, step: Step[Task], *, repeated: bool) -> bool:
        """Store a step if the task is still what it starts from, and no concurrent change forms a cycle with it.

        :raise Problem: ``invalid``, for a parent that is not allowed
        """
        old, new = step.old, step.new
        if old is None:
            return queries.create_once(new, step.change, repeated=repeated)
        if step.change.kind == "removed":
            return queries.remove(old, step.change, repeated=repeated)
        if new.parent_id not in (None, old.parent_id) and not queries.guard(edits.ancestors(new, queries.get_present)):
            return False
        return queries.update(old, new, step.change, repeated=repeated)

    def derive(self, step: Step[Task]) -> list[Write]:
        """Derive the writes of a step to the projections."""
        return derive.step(step)

    def derive_all(self, thing: Task) -> list[Write]:
        """Derive all writes that make lists and events agree with a task."""
        return derive.writes(thing, queries.history(thing.task_id, limit=VERSIONS))

    def follow(self, step: Step[Task]) -> bool:
        """Make the history live as long as the task, if its expiry changed.

        What remains is left to a sweeper: nobody can see the difference until a day after the task has expired.
        """
        return step.old is None or not expiry.moved(step.old, step.new) or renew_history(step.new) is None

    def follow_all(self, thing: Task) -> None:
        """Make all of the history live as long as the task."""
        before: int | None = NEWEST
        while before is not None:
            before = renew_history(thing, before)

    def wrong_history(self, thing: Task) -> tuple[list[Any], int]:
        """List all changes, and count those whose time to live differs from the task's."""
        found, now = list(_history(thing.task_id)), clock.now()
        return [change for change, _ in found], sum(not expiry.fits(thing, left, now) for _, left in found)


def renew_history(task: Task, before: int = NEWEST) -> int | None:
    """Make a page of changes below a version live as long as their task.

    A difference is never visible: an expired task has no history to show. But changes must not expire before the task,
    and should not stay forever.

    :return: the version below which to continue; None if there is nothing left to do
    """
    found, now = queries.lifetimes(task.task_id, before, VERSIONS), clock.now()
    other = [change for change, left in found if not expiry.fits(task, left, now)]
    for first in range(0, len(other), RENEWED):
        if not queries.renew(task, other[first:first + RENEWED]):
            # The expiry has changed since: the writer that changed it renews the history.
            return None
    return found[-1][0].version if len(found) == VERSIONS else None


def _history(task_id: uuid.UUID) -> Iterator[tuple[Change, int | None]]:
    before = NEWEST
    while True:
        found = queries.lifetimes(task_id, before, VERSIONS)
        yield from found
        if len(found) < VERSIONS:
            return
        before = found[-1][0].version


TASKS = TaskAggregate()
