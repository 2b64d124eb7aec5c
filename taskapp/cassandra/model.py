"""The base of every table: a cqlengine Model whose statements are prepared.

cqlengine writes values into the text of each statement, which the node then parses anew every time
(`cassandra/cqlengine/connection.py`, execute). Here the text it renders becomes a template: each value, and each number
after LIMIT, TTL and TIMESTAMP, turns into a bind marker, so that one text is prepared once per process.
"""

import re
from typing import Any

from cassandra.cqlengine import columns
from cassandra.cqlengine.models import Model
from cassandra.cqlengine.query import DMLQuery, ModelQuerySet, check_applied
from cassandra.cqlengine.statements import BaseCQLStatement, SelectStatement

from taskapp.cassandra import policies
from taskapp.cassandra.connection import db
from taskapp.cassandra.statement import Answer

_VALUE = re.compile(r"%\((\w+)\)s|\b(LIMIT|TTL|TIMESTAMP) (\d+)")
# A coordinator asks another replica when one is slow. The default, 99p, is measured, and a node that hangs drags it up
# until nobody is asked in its place (CASSANDRA-14293, which brought this form).
OPTIONS = {"speculative_retry": "MIN(99p,50ms)"}


def template(statement: BaseCQLStatement) -> tuple[str, list[Any]]:
    """Turn what cqlengine rendered into a text with bind markers, and the values in their order."""
    context = statement.get_context()
    values: list[Any] = []

    def mark(match: re.Match[str]) -> str:
        name, keyword, number = match.groups()
        if keyword:
            values.append(int(number))
            return f"{keyword} ?"
        value = context[name]
        # IN (…) comes wrapped in a quoter of texts; the node takes a list.
        values.append(list(value.value) if type(value).__name__ == "InQuoter" else value)
        return "?"

    return _VALUE.sub(mark, str(statement)), values


def run_prepared(model: type[Model], statement: BaseCQLStatement, consistency: int | None) -> Any:
    """Run a cqlengine statement prepared, with its consistency; rows come back as dicts."""
    text, values = template(statement)
    bound = db.prepare(text).bind(values)
    reads = isinstance(statement, SelectStatement)
    bound.is_idempotent = reads
    bound.fetch_size = statement.fetch_size
    if consistency is not None:
        bound.consistency_level = consistency
    name = f"{model.__table_name__}.{type(statement).__name__.removesuffix('Statement').lower()}"
    return Answer(name, bound, policies.MAPPER, writes=not reads).result()


class PreparedQuerySet(ModelQuerySet):
    """A queryset whose statements are prepared."""

    def _execute(self, statement: BaseCQLStatement) -> Any:
        result = run_prepared(self.model, statement, self._consistency)
        if self._if_not_exists or self._if_exists or self._conditional:
            check_applied(result)
        return result


class PreparedDML(DMLQuery):
    """An instance's writes, prepared."""

    def _execute(self, statement: BaseCQLStatement) -> Any:
        result = run_prepared(self.model, statement, self._consistency)
        if self._if_not_exists or self._if_exists or self._conditional:
            check_applied(result)
        return result


class Table(Model):
    """A table of the service; subclasses say in their docstring which question it answers."""

    __abstract__ = True
    __queryset__ = PreparedQuerySet
    __dmlquery__ = PreparedDML

    def __init_subclass__(cls) -> None:
        """Give it the options that all tables have."""
        super().__init_subclass__()
        # Not a clone, of which cqlengine makes one for each keyspace: it has its table's.
        if "__table_name__" in cls.__dict__:
            cls.__options__ = {**OPTIONS, **(cls.__options__ or {})}


class FrozenSet(columns.Set):
    """A set kept as one cell: read whole, written whole, without tombstones. Nothing can look inside it."""

    def __init__(self, value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(value_type, **given)
        self._freeze_db_type()


class FrozenMap(columns.Map):
    """A map kept as one cell, as ``FrozenSet``."""

    def __init__(self, key_type: type[columns.Column], value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(key_type, value_type, **given)
        self._freeze_db_type()


class FrozenList(columns.List):
    """A list kept as one cell, as ``FrozenSet``."""

    def __init__(self, value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(value_type, **given)
        self._freeze_db_type()


def column_names(model: type[Model], *, keys: bool = True) -> list[str]:
    """List a table's columns in the order of the model, without its primary key if ``keys`` is off."""
    return [name for name, column in model._columns.items() if keys or not column.primary_key]
