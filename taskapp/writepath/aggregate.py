"""Aggregates: what the write path must know about a kind of entity that has versions.

An aggregate's truth is one partition: its state, and a row for each change. Everything else stored about it is derived.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from cassandra import ConsistencyLevel

from taskapp.writepath.projections import Projection, Write, side_by_side

T = TypeVar("T")


class Change(Protocol):
    """One version step, as the history keeps it."""

    @property
    def change_id(self) -> uuid.UUID:
        """Its id."""

    @property
    def aggregate_id(self) -> uuid.UUID:
        """What was changed."""

    @property
    def version(self) -> int:
        """The version it led to."""

    @property
    def at(self) -> datetime:
        """When it was made."""

    @property
    def actor(self) -> uuid.UUID:
        """Who made it."""

    @property
    def kind(self) -> str:
        """What was done, in one word."""


class ChangeConsumer(Protocol):
    """Something that keeps its own rows about every change of the aggregates that list it."""

    def writes(self, change: Change) -> list[Write]:
        """Derive those rows; a pure function of the change."""

    def missing(self, changes: Iterable[Change]) -> list[Write]:
        """Find the writes of rows that are not stored."""


def consumed(consumers: Iterable[ChangeConsumer], change: Change) -> list[Write]:
    """Derive the rows that consumers keep about a change."""
    return [write for consumer in consumers for write in consumer.writes(change)]


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One version step: the state before, the state after, and the history row that records it.

    A step that changes nothing has the same state before and after, and no change.
    """

    old: T | None
    new: T
    change: Any = None


class Aggregate(ABC, Generic[T]):
    """One kind of entity; ``kind`` names it in the notes of changes under way."""

    kind: ClassVar[str]
    projections: ClassVar[tuple[Projection, ...]]
    consumers: ClassVar[tuple[ChangeConsumer, ...]] = ()

    @abstractmethod
    def load(self, id_: uuid.UUID, consistency: int | None = None) -> T | None:
        """Read the truth; None if it never existed."""

    @abstractmethod
    def is_removed(self, thing: T) -> bool:
        """Return whether it was permanently removed, so that only its version remains."""

    @abstractmethod
    def has_expired(self, thing: T) -> bool:
        """Return whether it has expired, whether or not it is still stored."""

    @abstractmethod
    def timestamp(self, thing: T) -> int:
        """Return the write timestamp of a version: microseconds that grow with the version."""

    @abstractmethod
    def holds(self, thing: T, change_id: uuid.UUID) -> bool:
        """Return whether a change is in the history."""

    @abstractmethod
    def store(self, step: Step[T], *, repeated: bool) -> bool:
        """Store a step if the truth is still what the step starts from; return whether it was stored.

        :param repeated: an earlier attempt may have stored it
        :raise OutcomeUnknown: it could not be determined whether it was stored
        """

    @abstractmethod
    def derive(self, step: Step[T]) -> list[Write]:
        """Derive the writes of a step to the projections."""

    @abstractmethod
    def derive_all(self, thing: T) -> list[Write]:
        """Derive all writes that make projections and consumers agree with the truth."""

    @abstractmethod
    def all_ids(self, position: int) -> Iterator[tuple[uuid.UUID, int]]:
        """Walk over all ids and their tokens in token order, starting at a token, page by page."""

    @abstractmethod
    def wrong_history(self, thing: T) -> tuple[list[Any], int]:
        """Check the whole history, for repair.

        :return: all changes, and how many of their rows are wrong
        """

    def follow(self, step: Step[T]) -> bool:
        """Do the follow-up work of a step that can wait; return False if a sweeper has to finish it."""
        return True

    def follow_all(self, thing: T) -> None:
        """Do all that ``follow`` does, for whatever steps led to this state."""

    def writes(self, step: Step[T]) -> list[Write]:
        """Derive the writes of a step to projections and consumers."""
        return [*self.derive(step), *consumed(self.consumers, step.change)]

    def derive_again(self, id_: uuid.UUID) -> None:
        """Write all derived rows from the truth, and remove those derived from earlier versions."""
        thing = self.load(id_)
        if thing is not None:
            side_by_side(self.derive_all(thing))
            self.follow_all(thing)

    def finish(self, id_: uuid.UUID, change_id: uuid.UUID) -> bool:
        """Finish a change that its worker left behind; return whether it was found, or can no longer arrive.

        A change that is not found may still be waiting in the socket of a hung node. The truth is read at the serial
        level, which completes a change that was accepted but not committed; otherwise the next conditional write would
        commit it, and nobody would derive its rows. The state to derive from is read after the change was found.
        """
        thing = self.load(id_, ConsistencyLevel.LOCAL_SERIAL)
        # After a permanent removal no earlier change is known, and the version is past any that could arrive.
        if thing is None or not (self.is_removed(thing) or self.holds(thing, change_id)):
            return False
        self.derive_again(id_)
        return True
