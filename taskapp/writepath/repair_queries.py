"""Repair's queries for derived rows: all of them in token order, or one of them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from taskapp.cassandra.mapper import Select, bind, partition_key, token
from taskapp.writepath.projections import Projection


@cache
def _all(projection: Projection) -> Select[Any]:
    table, fixed = projection.model, [getattr(projection.model, name) == bind(name) for name in projection.fixed]
    partition = token(*(getattr(table, name) for name in partition_key(table)))
    query = table.objects.filter(partition >= bind("position"), *fixed)
    return Select(f"repair.{table.__table_name__}", query.allow_filtering() if fixed else query, plus=partition)


@cache
def _row(projection: Projection) -> Select[Any]:
    table = projection.model
    return Select(f"repair.{table.__table_name__}.row",
                  table.objects.filter(*(getattr(table, name) == bind(name) for name in projection.keys)))


def prepare(projection: Projection) -> None:
    """Create the statements of a projection."""
    _all(projection)
    _row(projection)


def all_keys(projection: Projection, position: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Walk over the keys and tokens of a projection's rows in token order, starting at a token, page by page.

    Each key includes the id of its aggregate.
    """
    names = dict.fromkeys((*projection.keys, projection.id_column))
    for row, at in _all(projection).ask(position=position, **projection.fixed).walk():
        yield {name: getattr(row, name) for name in names}, at


def row_of(projection: Projection, key: dict[str, Any]) -> Any:
    """Read a whole row of a projection; None if there is none."""
    return _row(projection).one(**{name: key[name] for name in projection.keys})
