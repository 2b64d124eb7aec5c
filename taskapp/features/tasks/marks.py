"""Marks: short words in a task's row in the lists, by which an index finds what filters ask for.

A mark says nothing that the row does not say; it is there since one index on one set answers what would take six.
Null has marks where filters ask for it.
"""

import uuid
from collections.abc import Iterator

from taskapp.features.tasks.models import ListedTask, Task
from taskapp.kit.words import words

OPEN_STATUSES = ("pending", "in_progress")
OPEN, NOBODY, NO_DATE = "o:", "a:-", "d:-"


def status(value: str) -> str:
    """Mark a status."""
    return f"s:{value}"


def priority(value: int) -> str:
    """Mark a priority."""
    return f"p:{value}"


def label(value: str) -> str:
    """Mark a label."""
    return f"l:{value}"


def assignee(user_id: uuid.UUID) -> str:
    """Mark an assignee."""
    return f"a:{user_id}"


def child_of(task_id: uuid.UUID | str) -> str:
    """Mark a parent."""
    return f"c:{task_id}"


def word(value: str) -> str:
    """Mark a word of the title or the description."""
    return f"w:{value}"


def of_task(task: Task | ListedTask, *, with_words: bool) -> frozenset[str]:
    """Return all marks of a task.

    :param with_words: also those of its words, which only the list by creation has
    """
    return frozenset(_marks(task, with_words))


def _marks(task: Task | ListedTask, with_words: bool) -> Iterator[str]:
    yield status(task.status)
    yield priority(task.priority)
    if task.status in OPEN_STATUSES:
        yield OPEN
    if task.due_date is None:
        yield NO_DATE
    if task.parent_id is not None:
        yield child_of(task.parent_id)
    yield from map(label, task.labels)
    yield from map(assignee, task.assignees or ())
    if not task.assignees:
        yield NOBODY
    if with_words:
        yield from map(word, words(task.title) | words(task.description))
