"""Where the mapper reaches into cqlengine: what a queryset holds, rendered with markers instead of values.

The names with an underscore are cqlengine's own (driver 3.30); `tests/unit/cassandra/test_mapper.py` fails when a new
driver no longer has them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cassandra.cqlengine import columns, connection, management
from cassandra.cqlengine.query import ContextQuery
from cassandra.cqlengine.statements import (
    AssignmentClause,
    BaseCQLStatement,
    DeleteStatement,
    InsertStatement,
    SelectStatement,
    UpdateStatement,
)

from taskapp.cassandra.mapper.terms import Marker

# What cqlengine treats as "no limit was set".
_DEFAULT_LIMIT = 10000
_QUOTED = re.compile(r'"([a-z][a-z0-9_]*)"')


class Sum(AssignmentClause):
    """``x = x + :x`` or ``x = x - :x``, for a counter or a collection."""

    def __init__(self, field: str, value: Any, sign: str) -> None:
        super().__init__(field, value)
        self._sign = sign

    def __str__(self) -> str:
        return f'"{self.field}" = "{self.field}" {self._sign} %({self.context_id})s'


def assign(name: str) -> AssignmentClause:
    """Assign to a column the value of the marker of the same name."""
    return AssignmentClause(name, Marker(name))


def columns_of(table: Any) -> dict[str, columns.Column]:
    """Return a table's columns by name, in the order in which it declares them."""
    return dict(table._columns)


def primary_key(table: Any) -> tuple[str, ...]:
    """Return the names of the columns of a table's primary key."""
    return tuple(table._primary_keys)


def partition_key(table: Any) -> tuple[str, ...]:
    """Return the names of the columns of a table's partition key."""
    return tuple(table._partition_keys)


def create_text(table: Any, keyspace: str) -> str:
    """Render a table's CREATE TABLE."""
    with ContextQuery(table, keyspace=keyspace) as bound:
        return str(management._get_create_table(bound))


def forget_connection(name: str) -> None:
    """Unregister a connection, and leave its cluster up, which `unregister_connection` would shut down."""
    connection._connections.pop(name)


def table_of(query: Any) -> Any:
    """Return the table of a queryset."""
    return query.model


def select(query: Any, selected: Sequence[str]) -> str:
    """Render a SELECT of expressions.

    :raise TypeError: the queryset has an option that no SELECT has
    """
    _refuse(query, ttl=query._ttl, timestamp=query._timestamp, iff=query._conditional)
    distinct = "DISTINCT " if query._distinct_fields else ""
    limit = None if query._limit == _DEFAULT_LIMIT else query._limit
    statement = SelectStatement(_name(query.model), where=query._where, order_by=query._order, limit=limit,
                                allow_filtering=query._allow_filtering)
    return _rendered(statement).replace("*", distinct + ", ".join(selected), 1)


def insert(model: Any, columns: Sequence[str], terms: Mapping[str, Any], *, ttl: Any, timestamp: Any,
           if_not_exists: bool) -> str:
    """Render an INSERT of columns, each with its term or a marker of the same name."""
    assigned = [AssignmentClause(name, terms.get(name) or Marker(name)) for name in columns]
    return _rendered(InsertStatement(_name(model), assignments=assigned, ttl=ttl, timestamp=timestamp,
                                     if_not_exists=if_not_exists))


def update(query: Any, assignments: Sequence[AssignmentClause]) -> str:
    """Render an UPDATE with a queryset's WHERE, IF, TTL and TIMESTAMP."""
    _refuse(query, order_by=query._order, allow_filtering=query._allow_filtering, distinct=query._distinct_fields)
    return _rendered(UpdateStatement(_name(query.model), assignments=assignments, where=query._where, ttl=query._ttl,
                                     timestamp=query._timestamp, conditionals=query._conditional,
                                     if_exists=query._if_exists))


def delete(query: Any, columns: Sequence[str]) -> str:
    """Render a DELETE of columns, or of rows."""
    _refuse(query, order_by=query._order, allow_filtering=query._allow_filtering, ttl=query._ttl)
    return _rendered(DeleteStatement(_name(query.model), fields=list(columns), where=query._where,
                                     timestamp=query._timestamp, conditionals=query._conditional,
                                     if_exists=query._if_exists))


def _name(model: Any) -> str:
    return f"$ks.{model.__table_name__}"


def _refuse(query: Any, **options: Any) -> None:
    if wrong := [name for name, value in options.items() if value]:
        raise TypeError(f"{query.model.__name__}: {', '.join(wrong)} does not go with this statement")


def _rendered(statement: BaseCQLStatement) -> str:
    markers = {key: str(value) for key, value in statement.get_context().items() if isinstance(value, Marker)}
    try:
        text = str(statement) % markers
    except KeyError as error:
        raise TypeError(f"a value stands in a query where a marker belongs: {statement}") from error
    return _QUOTED.sub(r"\1", " ".join(text.split()))
