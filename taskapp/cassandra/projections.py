"""Projections: tables derived from the truth, one for each question.

A projection is a pure function from a task to its row in a table, or to none. Its cells are written with a timestamp
that is a function of the task alone and grows with the version, so that writes which are repeated or overtake each
other end in the same row, and repair is "derive again".

Only cells that differ from the previous version are written. That is safe, since each cell then carries the timestamp
of the version that last changed it; if a version's write never happens, the sweeper writes the row whole. A change of
the row's lifetime changes every cell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cassandra.query import UNSET_VALUE, BoundStatement

from taskapp.cassandra import ttl
from taskapp.cassandra.model import Table, column_names
from taskapp.cassandra.statement import Answer, Statement
from taskapp.kit import clock

Task = Mapping[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Write:
    """One write of a projection: put cells (``UNSET_VALUE``: leave it) or remove the row of a key.

    :param ends: when the cells are gone; None for never
    """

    projection: "Projection"
    removes: bool
    values: Row
    ends: datetime | None = None

    def bind(self) -> BoundStatement:
        """Bind it to its statement."""
        return self._statement.bind(**self.values, ttl=self._ttl)

    def send(self) -> Answer:
        """Send it."""
        return self._statement.send(**self.values, ttl=self._ttl)

    @property
    def _ttl(self) -> int:
        return ttl.seconds(self.ends, clock.now()) if self.ends else 0

    @property
    def _statement(self) -> Statement:
        return self.projection.remove if self.removes else self.projection.put


def _for_ever(_: Task) -> None:
    return None


@dataclass(frozen=True, eq=False)
class Projection:
    """A table and the function that derives its row.

    :param derive: the row of a task, all columns, or None when the task is not in this table
    :param timestamp: microseconds; a function of the task that grows with its version
    :param lifetime: when the task's row ends by itself; None for never
    """

    model: type[Table]
    derive: Callable[[Task], Row | None]
    timestamp: Callable[[Task], int]
    lifetime: Callable[[Task], datetime | None] = _for_ever

    @cached_property
    def keys(self) -> list[str]:
        """The columns of the primary key."""
        return list(self.model._primary_keys)

    @cached_property
    def put(self) -> Statement:
        """The statement that writes cells."""
        names = column_names(self.model)
        return Statement(f"{self.model.__table_name__}.put",
                         f"INSERT INTO $ks.{self.model.__table_name__} ({', '.join(names)}) "
                         f"VALUES ({', '.join(':' + name for name in names)}) USING TIMESTAMP :stamp AND TTL :ttl")

    @cached_property
    def remove(self) -> Statement:
        """The statement that removes a row."""
        where = " AND ".join(f"{name} = :{name}" for name in self.keys)
        return Statement(f"{self.model.__table_name__}.remove",
                         f"DELETE FROM $ks.{self.model.__table_name__} USING TIMESTAMP :stamp WHERE {where}")

    def writes(self, old: Task | None, new: Task) -> list[Write]:
        """Work out what a change means for this table.

        :param old: the version before; None for a new task
        """
        before, after = (self.derive(old) if old else None), self.derive(new)
        stamp = self.timestamp(new)
        found = []
        if before and (after is None or self._key(before) != self._key(after)):
            found.append(Write(self, True, {**self._key(before), "stamp": stamp}))
        if after:
            same = before if before and self._key(before) == self._key(after) else None
            part = same if same and old and self.lifetime(old) == self.lifetime(new) else None
            cells, margin = (self._changed(part, after), ttl.PART) if part else (_filled(same, after), ttl.WHOLE)
            found.append(Write(self, False, {**cells, "stamp": stamp}, _end(self.lifetime(new), margin)))
        return found

    def whole(self, new: Task) -> list[Write]:
        """Write the row of a task whole, nulls included, whatever is there."""
        row = self.derive(new)
        return [Write(self, False, {**row, "stamp": self.timestamp(new)}, _end(self.lifetime(new), ttl.WHOLE))] \
            if row else []

    def _key(self, row: Row) -> Row:
        return {name: row[name] for name in self.keys}

    def _changed(self, before: Row, after: Row) -> Row:
        return {name: value if name in self.keys or before[name] != value else UNSET_VALUE
                for name, value in after.items()}


def _filled(before: Row | None, after: Row) -> Row:
    # Where nothing was, nothing needs to be written: a null would be a tombstone. An empty map that was written is a
    # cell, though, if it is frozen.
    return {name: UNSET_VALUE if (_empty(value) if before is None else value is before[name] is None) else value
            for name, value in after.items()}


def _end(ends: datetime | None, margin: timedelta) -> datetime | None:
    return ends + margin if ends else None


def _empty(value: Any) -> bool:
    return value is None or value == frozenset() or value == {}


def changes(projections: Iterable[Projection], old: Task | None, new: Task) -> list[Write]:
    """Work out what a change means for all tables."""
    return [write for projection in projections for write in projection.writes(old, new)]


def side_by_side(writes: Sequence[Write]) -> None:
    """Write to each table at once, and wait for all.

    A row that moves is put at its new place before it is taken from the old one, so that a list read meanwhile may show
    it twice, but not not at all.
    """
    for removes in (False, True):
        answers = [write.send() for write in writes if write.removes is removes]
        for answer in answers:
            answer.rows()



