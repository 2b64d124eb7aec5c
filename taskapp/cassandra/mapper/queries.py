"""Queries: rendered once, prepared once per process, run with values; rows are objects of their table."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from cassandra.cqlengine import columns
from cassandra.query import UNSET_VALUE

from taskapp.cassandra.driver.statement import Answer, Statement
from taskapp.cassandra.mapper import cqlengine
from taskapp.cassandra.mapper.rows import Make, maker
from taskapp.cassandra.mapper.table import Table, is_empty, names
from taskapp.cassandra.mapper.terms import Marker, as_text

if TYPE_CHECKING:
    from taskapp.cassandra.mapper.typing import QuerySet

R = TypeVar("R", bound=Table)
S = TypeVar("S", bound=Table)


class Answered(Generic[R]):
    """The pending answer to a SELECT that was sent."""

    def __init__(self, answer: Answer, make: Make, width: int) -> None:
        self._answer, self._make, self._width = answer, make, width

    def all(self) -> list[R]:
        """Wait for all rows."""
        return self._make(self._answer.rows())

    def one(self) -> R | None:
        """Wait for the first row; None if there is none."""
        return next(iter(self._make(self._answer.rows()[:1])), None)

    def pairs(self) -> list[tuple[R, Any]]:
        """Wait for all rows, each with the value of ``plus``."""
        return list(self._pairs(self._answer.rows()))

    def walk(self) -> Iterator[tuple[R, Any]]:
        """Iterate over all rows as ``pairs`` returns them, page by page."""
        return self._pairs(self._answer.result())

    def _pairs(self, read: Iterable[Any]) -> Iterator[tuple[R, Any]]:
        for row in read:
            yield self._make([row[:self._width]])[0], row[self._width]


class Select(Statement, Generic[R]):
    """A SELECT of all columns of its table, or of those of ``rows``.

    :param rows: the columns to read, as an abstract table; an id or a time that it declares as text is read as the
        database writes it, which is also how JSON shows it
    :param plus: an additional expression to select, for ``pairs``
    """

    @overload
    def __init__(self: "Select[R]", name: str, query: "QuerySet[R]", *, plus: Any = None) -> None: ...
    @overload
    def __init__(self: "Select[S]", name: str, query: "QuerySet[R]", *, rows: type[S], plus: Any = None) -> None: ...
    def __init__(self, name: str, query: Any, *, rows: Any = None, plus: Any = None) -> None:
        table = cqlengine.table_of(query)
        read = names(rows or table)
        self._width, self._make = len(read), maker(rows or table)
        text = text_columns(rows, table) if rows else frozenset()
        selected = [f"{as_text(each)} AS {each}" if each in text else each for each in read]
        super().__init__(name, cqlengine.select(query, [*selected, *([str(plus)] if plus else [])]))

    def made(self, read: list[Any]) -> list[R]:
        """Make rows from what the driver read."""
        return self._make(read)

    def ask(self, *, consistency: int | None = None, **values: Any) -> Answered[R]:
        """Send it without waiting for the answer."""
        return Answered(self.send(consistency=consistency, **values), self._make, self._width)

    def all(self, *, consistency: int | None = None, **values: Any) -> list[R]:
        """Read all rows."""
        return self.ask(consistency=consistency, **values).all()

    def one(self, *, consistency: int | None = None, **values: Any) -> R | None:
        """Read the first row; None if there is none."""
        return self.ask(consistency=consistency, **values).one()

    def pairs(self, *, consistency: int | None = None, **values: Any) -> list[tuple[R, Any]]:
        """Read all rows, each with the value of ``plus``."""
        return self.ask(consistency=consistency, **values).pairs()


def text_columns(rows: type[Table], table: type[Table]) -> frozenset[str]:
    """Return the columns that ``rows`` declares as text and its table does not."""
    stored = cqlengine.columns_of(table)
    return frozenset(name for name, column in cqlengine.columns_of(rows).items()
                     if isinstance(column, columns.Text) and not isinstance(stored[name], columns.Text))


class _Write(Statement):
    """A statement that writes; one with a condition is not sent twice, and returns whether it was applied."""

    def __init__(self, name: str, cql: str, *, idempotent: bool | None) -> None:
        conditional = " IF " in cql
        super().__init__(name, cql, idempotent=not conditional if idempotent is None else idempotent)

    def applied(self, *row: Any, **values: Any) -> bool:
        """Run it and return whether its condition held."""
        return bool(self.run(*row, **values)[0][0])


class Insert(_Write, Generic[R]):
    """An INSERT of all columns of a table, or of those of ``part``, an abstract table that it is made of.

    It takes a row; null and empty columns are left unset, since a written null is a tombstone.

    :param nulls: write them anyway
    :param terms: terms for columns that get something other than the given value
    """

    def __init__(self, name: str, table: type[R], *, part: type[Table] | None = None, if_not_exists: bool = False,
                 ttl: Any = None, timestamp: Any = None, nulls: bool = False, idempotent: bool | None = None,
                 **terms: Any) -> None:
        self._table, self._nulls, self._make = table, nulls, maker(table)
        self._columns = names(part or table)
        super().__init__(name, cqlengine.insert(table, self._columns, terms, ttl=ttl, timestamp=timestamp,
                                                if_not_exists=if_not_exists), idempotent=idempotent)

    def values(self, *row: Any, **values: Any) -> dict[str, Any]:
        """Return the columns of a row, or those given by name, and the values of other markers."""
        given = {**dict.fromkeys(self._columns), **(row[0].as_dict() if row else {}), **values}
        if self._nulls:
            return given
        return {name: UNSET_VALUE if is_empty(value) else value for name, value in given.items()}

    def unless_there(self, row: R) -> R | None:
        """Store a row unless one with its key exists; return the existing one, or None."""
        result = self.send(row).result()
        applied, *values = result.current_rows[0]
        there = dict(zip(result.column_names[1:], values, strict=True))
        return None if applied else self._make([[there[name] for name in names(self._table)]])[0]


class Update(_Write):
    """An UPDATE of columns, by name, or of sums (``add``, ``subtract``); columns that are not given stay unchanged."""

    def __init__(self, name: str, query: Any, *assigned: "str | cqlengine.Sum", idempotent: bool | None = None) -> None:
        clauses = [cqlengine.assign(each) if isinstance(each, str) else each for each in assigned]
        self._unset = {each: UNSET_VALUE for each in assigned if isinstance(each, str)}
        sums = len(self._unset) < len(assigned)
        super().__init__(name, cqlengine.update(query, clauses), idempotent=False if sums else idempotent)

    def values(self, *row: Any, **values: Any) -> dict[str, Any]:
        """Return the columns that change, and the values of other markers."""
        return {**self._unset, **super().values(*row, **values)}


class Delete(_Write):
    """A DELETE of rows, or of columns."""

    def __init__(self, name: str, query: Any, *cells: str, idempotent: bool | None = None) -> None:
        super().__init__(name, cqlengine.delete(query, cells), idempotent=idempotent)


def add(column: Any, marker: Marker) -> cqlengine.Sum:
    """Add to a counter, a set or a map."""
    return cqlengine.Sum(str(column), marker, "+")


def subtract(column: Any, marker: Marker) -> cqlengine.Sum:
    """Subtract from a counter, or remove from a set."""
    return cqlengine.Sum(str(column), marker, "-")
