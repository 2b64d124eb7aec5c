"""Diffs: the difference between one version of an aggregate and the next, and how to undo it.

A diff is ``{field: [old, new]}`` in the wire format, so it can be returned as it is stored. All functions are pure.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Table, columns_of, names
from taskapp.kit import clock
from taskapp.writepath.truth import HistoryRow

T = TypeVar("T", bound=Table)


class Diffs(Generic[T]):
    """The diffs of one kind of aggregate.

    :param state: the columns of its state
    :param without: those that are not in diffs: they are about the change itself, or never change
    """

    def __init__(self, state: type[T], *, without: Collection[str]) -> None:
        self._fields = [name for name in names(state) if name not in without]
        self._readers = {name: _reader(column) for name, column in columns_of(state).items()}
        self._nothing = state()

    def between(self, old: T | None, new: T) -> dict[str, list[Any]]:
        """List the fields that differ; those of something new differ from nothing."""
        before = old or self._nothing
        both = ((name, getattr(before, name), getattr(new, name)) for name in self._fields)
        return {name: [wire(was), wire(is_)] for name, was, is_ in both if was != is_}

    def undone(self, new: Any, diff: str) -> T:
        """Undo a diff: the fields it names get their old values."""
        undone: T = new.replace(**self.read({name: values[0] for name, values in orjson.loads(diff).items()}))
        return undone

    def earlier(self, new: T, history: Iterable[HistoryRow]) -> Iterator[T]:
        """Yield the earlier versions, newest first.

        :param history: the changes that led to ``new``, newest first
        """
        for change in history:
            if change.kind == "created":
                return
            new = self.undone(new, change.diff)
            yield new

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Read the values of fields back from their JSON form."""
        return {name: value if value is None else self._readers[name](value) for name, value in values.items()}


def wire(value: Any) -> Any:
    """Give a value the form it has in JSON."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {wire(key): wire(each) for key, each in value.items()}
    return sorted(wire(each) for each in value)


def _reader(column: columns.Column) -> Callable[[Any], Any]:
    if isinstance(column, columns.Map):
        key, value = (_reader(each) for each in (column.key_col, column.value_col))
        return lambda read: {key(each): value(other) for each, other in read.items()}
    if isinstance(column, columns.Set):
        inside = _reader(column.value_col)
        return lambda read: frozenset(inside(each) for each in read)
    if isinstance(column, columns.DateTime):
        return clock.parsed
    return uuid.UUID if isinstance(column, columns.UUID) else _same


def _same(value: Any) -> Any:
    return value
