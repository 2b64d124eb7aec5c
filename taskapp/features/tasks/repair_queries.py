"""What the database is asked by repair: all of it, in the order of the ring."""

import uuid
from collections.abc import Iterator
from typing import Any

from taskapp.cassandra.mapper import Select, bind, token
from taskapp.cassandra.projections import Projection
from taskapp.features.tasks.models import TaskId, Truth
from taskapp.features.tasks.projections import PROJECTIONS

_ALL_TASKS = Select("repair.tasks", Truth.objects.filter(token(Truth.task_id) >= bind("position")).distinct(),
                    rows=TaskId, plus=token(Truth.task_id))


def _all_rows(projection: Projection) -> Select[Any]:
    model = projection.model
    partition = token(*(getattr(model, name) for name in model._partition_keys))
    return Select(f"repair.{model.__table_name__}", model.objects.filter(partition >= bind("position")), plus=partition)


def _row(projection: Projection) -> Select[Any]:
    model = projection.model
    return Select(f"repair.{model.__table_name__}.row", model.objects.filter(
        *(getattr(model, name) == bind(name) for name in projection.keys)))


_ALL_ROWS = {projection.model: _all_rows(projection) for projection in PROJECTIONS}
_ROWS = {projection.model: _row(projection) for projection in PROJECTIONS}


def all_tasks(position: int) -> Iterator[tuple[uuid.UUID, int]]:
    """Walk over the ids of all tasks in the order of their tokens, from one on, page by page."""
    return ((row.task_id, at) for row, at in _ALL_TASKS.ask(position=position).walk())


def all_rows(projection: Projection, position: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Walk over the keys of all rows of a projection in the order of tokens, from one on, page by page."""
    for row, at in _ALL_ROWS[projection.model].ask(position=position).walk():
        yield {name: getattr(row, name) for name in projection.keys}, at


def row_of(projection: Projection, key: dict[str, Any]) -> Any:
    """Read a row of a projection, whole; None if there is none."""
    return _ROWS[projection.model].one(**key)
