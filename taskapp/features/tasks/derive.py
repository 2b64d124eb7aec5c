"""Deriving what is stored about a task besides its truth: pure functions of its versions."""

from taskapp.features.activity import Events
from taskapp.features.tasks import changes
from taskapp.features.tasks.models import Change, Task
from taskapp.features.tasks.projections import PROJECTIONS
from taskapp.writepath import projections
from taskapp.writepath.aggregate import ChangeConsumer, Step, consumed

CONSUMERS: tuple[ChangeConsumer, ...] = (Events(),)


def step(made: Step[Task]) -> list[projections.Write]:
    """Derive the writes of one step to the projections of tasks."""
    if made.change.kind == "removed":
        return removals(made.new, made.change.diff)
    return projections.changes(PROJECTIONS, made.old, made.new)


def writes(task: Task, history: list[Change]) -> list[projections.Write]:
    """Derive all writes that make the tables agree with a task.

    :param history: its changes, newest first
    """
    if history and history[0].kind == "removed":
        last = history[0]
        return [*removals(task.replace(current_version=last.version), last.diff), *consumed(CONSUMERS, last)]
    found = [write for change in history for write in consumed(CONSUMERS, change)]
    found += [write for projection in PROJECTIONS for write in projection.whole(task)]
    for before in changes.DIFFS.earlier(task, history):
        found += [write for write in projections.changes(PROJECTIONS, before, task) if write.removes]
    return _once(found)


def removals(remains: Task, diff: str) -> list[projections.Write]:
    """Derive the writes that remove a removed task from all tables.

    :param diff: the diff of its last change
    """
    return _once([write for before in changes.before_removal(remains, diff)
                  for write in projections.changes(PROJECTIONS, before, before.replace(title=None))])


def _once(found: list[projections.Write]) -> list[projections.Write]:
    kept: list[projections.Write] = []
    for write in found:
        if not write.removes or write not in kept:
            kept.append(write)
    return kept
