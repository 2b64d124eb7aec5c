"""Repair's query for tasks: all of them, in token order."""

import uuid
from collections.abc import Iterator

from taskapp.cassandra.mapper import Select, bind, token
from taskapp.features.tasks.models import TaskId, Truth

_ALL_TASKS = Select("repair.tasks", Truth.objects.filter(token(Truth.task_id) >= bind("position")).distinct(),
                    rows=TaskId, plus=token(Truth.task_id))


def all_tasks(position: int) -> Iterator[tuple[uuid.UUID, int]]:
    """Walk over the ids and tokens of all tasks in token order, starting at a token, page by page."""
    return ((row.task_id, at) for row, at in _ALL_TASKS.ask(position=position).walk())
