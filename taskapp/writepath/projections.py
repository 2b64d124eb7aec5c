"""Projections: tables derived from the truth, one for each question.

A projection is a pure function from an entity to its rows in a table: mostly one, or none. Its cells are written with a
timestamp that is a function of the entity alone and grows with the version, so writes that are repeated or overtake
each other end in the same row, and repairing is deriving again.

Only cells that differ from the previous version are written. That is safe, since each cell then carries the timestamp
of the version that last changed it; if a version's write never happens, the sweeper writes the whole row. A change of
the row's lifetime rewrites every cell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.driver.statement import Answer
from taskapp.cassandra.mapper import UNSET, BoundStatement, Delete, Insert, Table, bind, is_empty, primary_key, ttl
from taskapp.kit import clock


@dataclass(frozen=True)
class Write:
    """One write of a projection: put cells (``UNSET`` leaves a cell as it is) or remove the row of a key.

    :param ends: when the cells expire; None for never
    """

    projection: "Projection"
    removes: bool
    values: Mapping[str, Any]
    ends: datetime | None = None

    def bind(self) -> BoundStatement:
        """Bind the write to its statement."""
        return self._statement.bind(**self.values, ttl=self._ttl)

    def send(self) -> Answer:
        """Send the write."""
        return self._statement.send(**self.values, ttl=self._ttl)

    @property
    def _ttl(self) -> int:
        return ttl.seconds(self.ends, clock.now()) if self.ends else 0

    @property
    def _statement(self) -> Insert[Any] | Delete:
        return self.projection.remove if self.removes else self.projection.put


_REMEMBERED = 10_000


def _for_ever(_: Any) -> None:
    return None


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Projection:
    """A table and the function that derives an entity's rows.

    :param derive: the rows of an entity, none when the entity is not in this table
    :param timestamp: microseconds; a function of the entity that grows with its version
    :param lifetime: when the entity's rows expire; None for never
    :param beside: another projection, which derives rows from each row of this one and never removes them
    :param fixed: column values that distinguish its rows from others in the table
    :param is_open: whether a row with a given key can still be checked against its entity
    :param id_column: the column that holds the entity's id
    :param is_constant: whether a row never changes or expires: once this process has seen it stored, it is not written
        again
    :ivar keys: the columns of the primary key
    :ivar put: writes cells
    :ivar remove: removes a row
    """

    model: type[Table]
    derive: Callable[[Any], Iterable[Any]]
    timestamp: Callable[[Any], int]
    lifetime: Callable[[Any], datetime | None] = _for_ever
    beside: "Projection | None" = None
    is_constant: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    is_open: Callable[[Mapping[str, Any]], bool] = _always
    id_column: str = "task_id"
    keys: tuple[str, ...] = field(init=False)
    put: Insert[Any] = field(init=False)
    remove: Delete = field(init=False)

    def __post_init__(self) -> None:
        """Create the statements."""
        table, keys = self.model.__table_name__, primary_key(self.model)
        row = self.model.objects.filter(*(getattr(self.model, name) == bind(name) for name in keys))
        put = Insert(f"{table}.put", self.model, timestamp=bind("stamp"), ttl=bind("ttl"), nulls=True)
        remove = Delete(f"{table}.remove", row.timestamp(bind("stamp")))
        for name, value in (("keys", keys), ("put", put), ("remove", remove)):
            object.__setattr__(self, name, value)

    def writes(self, old: Any, new: Any) -> list[Write]:
        """Derive the writes of a change to this table.

        :param old: the previous version; None for a new entity
        """
        before, after = self._rows(old), self._rows(new)
        stamp, renewed = self.timestamp(new), not old or self.lifetime(old) != self.lifetime(new)
        found = [Write(self, True, {**dict(zip(self.keys, key, strict=True)), "stamp": stamp})
                 for key in before if key not in after]
        for key, row in after.items():
            same, cells = before.get(key), row.as_dict()
            if same is None or renewed:
                values, margin = _filled(same, cells), ttl.WHOLE
            else:
                values, margin = self._changed(same, cells), ttl.PART
            found += self._put(row, {**values, "stamp": stamp}, _end(self.lifetime(new), margin))
        return found

    def whole(self, new: Any) -> list[Write]:
        """Derive the writes of an entity's whole rows, nulls included, whatever is stored."""
        stamp, ends = self.timestamp(new), _end(self.lifetime(new), ttl.WHOLE)
        return [write for row in self.derive(new) for write in self._put(row, {**row.as_dict(), "stamp": stamp}, ends)]

    def _put(self, row: Any, values: dict[str, Any], ends: datetime | None) -> list[Write]:
        return [Write(self, False, values, ends), *(self.beside.whole(row) if self.beside else ())]

    def key(self, row: Any) -> tuple[Any, ...]:
        """Return the primary key of a row."""
        return tuple(getattr(row, name) for name in self.keys)

    def _rows(self, entity: Any) -> dict[tuple[Any, ...], Any]:
        return {self.key(row): row for row in self.derive(entity)} if entity else {}

    def _changed(self, before: Any, after: dict[str, Any]) -> dict[str, Any]:
        return {name: value if name in self.keys or getattr(before, name) != value else UNSET
                for name, value in after.items()}


def _filled(before: Any, after: dict[str, Any]) -> dict[str, Any]:
    # Where there was nothing, nothing needs to be written: a null would be a tombstone. An empty frozen map that was
    # written is a cell, though.
    return {name: UNSET if (is_empty(value) if before is None else value is getattr(before, name) is None) else value
            for name, value in after.items()}


def _end(ends: datetime | None, margin: timedelta) -> datetime | None:
    return ends + margin if ends else None


def changes(projections: Iterable[Projection], old: Any, new: Any) -> list[Write]:
    """Derive the writes of a change to all given projections."""
    return [write for projection in projections for write in projection.writes(old, new)]


def side_by_side(writes: Sequence[Write], send: Callable[[Sequence[Write]], None] | None = None) -> None:
    """Send the writes that are needed, puts in parallel and then removals, and wait for them.

    :param send: another way to send them
    """
    needed = _stored.needed(writes)
    (send or _send)(needed)
    _stored.add(needed)


def _send(writes: Sequence[Write]) -> None:
    """Put rows before removing others.

    So a list that is read while a row moves may show it twice, but never miss it.
    """
    for removes in (False, True):
        answers = [write.send() for write in writes if write.removes is removes]
        for answer in answers:
            answer.rows()


class _Stored:
    """The constant rows that this process has seen stored; thread-safe."""

    def __init__(self) -> None:
        self._known: set[tuple[Any, ...]] = set()

    def needed(self, writes: Sequence[Write]) -> list[Write]:
        """Leave out writes of constant rows that are already stored, or that occur twice."""
        found = {self._key(write) if write.projection.is_constant else id(write): write for write in writes}
        return [write for key, write in found.items() if key not in self._known]

    def add(self, writes: Sequence[Write]) -> None:
        """Remember the constant rows among acknowledged writes."""
        new = [self._key(write) for write in writes if write.projection.is_constant]
        if new and len(self._known) >= _REMEMBERED:
            self._known = set()
        self._known.update(new)

    def _key(self, write: Write) -> tuple[Any, ...]:
        return db.keyspace, write.projection.model, *(write.values[name] for name in write.projection.keys)


_stored = _Stored()
