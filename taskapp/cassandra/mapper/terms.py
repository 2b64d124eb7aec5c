"""Query terms that cqlengine lacks: bind markers, keyset tuples, tokens, expressions to select.

cqlengine writes values into the text of a statement. Here a marker takes the place of each value, so that a statement
is one text, whatever its values.
"""

from collections.abc import Callable
from typing import Any

from cassandra.cqlengine import operators
from cassandra.cqlengine.functions import BaseQueryFunction
from cassandra.cqlengine.statements import WhereClause


class Marker(BaseQueryFunction, int):
    """A bind marker, ``:name``.

    cqlengine accepts a query function wherever a value may stand, and prints an int after LIMIT, TTL and TIMESTAMP.
    """

    def __new__(cls, name: str, form: str = ":{}") -> "Marker":
        """Make an int whose value is not used."""
        return int.__new__(cls, 1)

    def __init__(self, name: str, form: str = ":{}") -> None:
        super().__init__(name)
        self._text = form.format(name)

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def __deepcopy__(self, memo: Any) -> "Marker":
        return self

    def get_context_size(self) -> int:
        """Return 0: it takes no place among the values that cqlengine numbers."""
        return 0

    def update_context(self, ctx: dict[str, Any]) -> None:
        """Add no value."""


def bind(name: str) -> Any:
    """Stand for a value given when the query is run."""
    return Marker(name)


def min_timeuuid(name: str) -> Any:
    """Stand for the smallest time-UUID of a time given when the query is run."""
    return Marker(name, "minTimeuuid(:{})")


def max_timeuuid(name: str) -> Any:
    """Stand for the greatest time-UUID of a time given when the query is run."""
    return Marker(name, "maxTimeuuid(:{})")


def from_now(name: str) -> Any:
    """Stand for the time of the node that executes the statement, plus a duration given when the query is run."""
    return Marker(name, "toTimestamp(now()) + (duration) :{}")


class Expression:
    """An expression over columns, to be compared with a marker or selected.

    :param text: its CQL
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def _compared(self, operator: Callable[[], Any], other: Any) -> WhereClause:
        return WhereClause(self._text, operator(), other, quote_field=False)

    def __lt__(self, other: Any) -> WhereClause:
        return self._compared(operators.LessThanOperator, other)

    def __gt__(self, other: Any) -> WhereClause:
        return self._compared(operators.GreaterThanOperator, other)

    def __ge__(self, other: Any) -> WhereClause:
        return self._compared(operators.GreaterThanOrEqualOperator, other)

    def __le__(self, other: Any) -> WhereClause:
        return self._compared(operators.LessThanOrEqualOperator, other)


def keys(*columns: Any) -> Expression:
    """Compare clustering columns together, as keyset pagination does: ``keys(T.at, T.id) < markers("at", "id")``."""
    return Expression(f"({_listed(columns)})")


def markers(*names: str) -> Any:
    """Stand for the values that ``keys`` are compared with."""
    return Marker("", "(" + ", ".join(f":{name}" for name in names) + ")")


def token(*columns: Any) -> Expression:
    """The token of a partition key, by which the ring orders partitions."""
    return Expression(f"token({_listed(columns)})")


def as_text(column: Any) -> Expression:
    """A column as text written by the database: ids and times as JSON shows them."""
    return Expression(f"CAST({column} AS text)")


def remaining(column: Any) -> Expression:
    """The seconds a column has left to live; null if it does not expire."""
    return Expression(f"TTL({column})")


def written(column: Any) -> Expression:
    """The write timestamp of a column, in microseconds."""
    return Expression(f"WRITETIME({column})")


def _listed(columns: tuple[Any, ...]) -> str:
    return ", ".join(str(each) for each in columns)
