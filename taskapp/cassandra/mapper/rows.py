"""Making rows: from the tuples that the driver reads to the objects that the service works with.

One function per query, generated from its columns; it makes all rows of an answer, as a call for each costs more than
the row. What the database expresses in two ways has one form here: an empty collection is empty, not null; a null truth
is false; a time is in whole milliseconds.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper.cqlengine import columns_of
from taskapp.cassandra.mapper.table import Table, empty_of, row_type
from taskapp.kit import clock

Make = Callable[[Iterable[Sequence[Any]]], list[Any]]


def maker(table: type[Table]) -> Make:
    """Generate the function that turns tuples of all columns of a table into its rows."""
    scope: dict[str, Any] = {"cls": row_type(table), "new": tuple.__new__, "whole": _whole}
    places = [f"c{number}" for number in range(len(columns_of(table)))]
    values = [_value(place, column, scope) for place, column in zip(places, columns_of(table).values(), strict=True)]
    exec(f"def make(rows):\n    return [new(cls, ({', '.join(values)},)) for {', '.join(places)}, in rows]", scope)
    return scope["make"]  # type: ignore[no-any-return]


def _value(place: str, column: columns.Column, scope: dict[str, Any]) -> str:
    if empty := empty_of(column):
        scope[empty.__name__] = empty
        return f"{empty.__name__}({place} or ())"
    if isinstance(column, columns.DateTime):
        return f"{place} if {place} is None or not {place}.microsecond % 1000 else whole({place})"
    return place


def _whole(at: datetime) -> datetime:
    # Beyond the year 2242 the driver's times are off by some microseconds.
    return clock.nearest_ms(at)
