"""The order of a list, and the positions in it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from typing import Any

from taskapp.features.tasks.models import ListedTask
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list: whether there is a due date (in lists by due date), the sort key, and an id."""

    dated: bool
    key: datetime
    task_id: uuid.UUID

    def packed(self) -> list[Any]:
        """Return the JSON values for a cursor."""
        return [int(self.dated), clock.micros(self.key) // 1000, self.task_id.hex]

    @classmethod
    def unpacked(cls, values: list[Any]) -> "Position":
        """Read the values of a cursor."""
        dated, key, task_id = values
        return cls(bool(dated), clock.EPOCH + timedelta(milliseconds=key), uuid.UUID(hex=task_id))

    @classmethod
    def of(cls, row: ListedTask, dated: bool) -> "Position":
        """Return the position of a row, even if the row is incomplete."""
        return cls(dated, clock.parsed(row.key), uuid.UUID(row.task_id))


@dataclass(frozen=True, slots=True)
class Order:
    """By what a list is sorted, and in which direction."""

    by_due: bool
    descending: bool

    def position(self, row: ListedTask) -> Position:
        """Return the position of a row."""
        return Position.of(row, self.by_due and row.due_date is not None)

    def rank(self, position: Position) -> tuple[Any, ...]:
        """Return what positions sort by, as the server does; without a due date they come last in both directions."""
        return position.dated is self.descending, position.key, uuid_key(position.task_id)

    def is_before(self, one: Position, other: Position) -> bool:
        """Return whether a position comes before another."""
        return self.rank(one) > self.rank(other) if self.descending else self.rank(one) < self.rank(other)

    def first(self, positions: Iterable[Position]) -> Position | None:
        """Return the position that comes before all others; None if there are none."""
        return (max if self.descending else min)(positions, key=self.rank, default=None)

    def merged(self, lists: Sequence[Sequence[ListedTask]]) -> Iterable[ListedTask]:
        """Merge lists that are each in order."""
        if len(lists) == 1:
            return lists[0]
        return merge(*lists, key=lambda row: self.rank(self.position(row)), reverse=self.descending)

    def up_to(self, rows: Iterable[ListedTask], end: Position | None) -> list[ListedTask]:
        """Return the rows that do not come after a position."""
        if end is None:
            return list(rows)
        return [row for row in rows if not self.is_before(end, self.position(row))]
