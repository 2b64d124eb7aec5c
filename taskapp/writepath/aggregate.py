"""Aggregates: what the write path must know of a kind of thing that has versions.

An aggregate's truth is one partition: its state, and a row for each change. What else is stored of it is derived.
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
        """The version that it led to."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def actor(self) -> uuid.UUID:
        """Who made it."""

    @property
    def kind(self) -> str:
        """What was done, in a word."""


class ChangeConsumer(Protocol):
    """Something that keeps rows of its own about every change, whatever was changed."""

    def writes(self, change: Change) -> list[Write]:
        """Derive them: pure, and the same however often."""

    def missing(self, changes: Iterable[Change]) -> list[Write]:
        """Find those that are not stored."""


# What the features register.
consumers: list[ChangeConsumer] = []


def consumed(change: Change) -> list[Write]:
    """Derive what all consumers keep about a change."""
    return [write for consumer in consumers for write in consumer.writes(change)]


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One version step: what was there, what is to be there, and the row of the history that says so.

    One that changes nothing has the same before and after, and no change.
    """

    old: T | None
    new: T
    change: Any = None


class Aggregate(ABC, Generic[T]):
    """One kind of thing; ``kind`` names it in the notes of changes under way."""

    kind: ClassVar[str]
    projections: ClassVar[tuple[Projection, ...]]

    @abstractmethod
    def load(self, id_: uuid.UUID, consistency: int | None = None) -> T | None:
        """Read the truth; None if there never was any."""

    @abstractmethod
    def is_removed(self, thing: T) -> bool:
        """Tell what was removed for good, of which nothing but its version remains."""

    @abstractmethod
    def has_expired(self, thing: T) -> bool:
        """Tell what is over by its own expiry, be it still stored or not."""

    @abstractmethod
    def timestamp(self, thing: T) -> int:
        """Give a version its place in time: microseconds that grow with the version."""

    @abstractmethod
    def holds(self, thing: T, change_id: uuid.UUID) -> bool:
        """Tell whether a change is in the history."""

    @abstractmethod
    def store(self, step: Step[T], *, repeated: bool) -> bool:
        """Store a step if the truth still is what the step begins at; tell whether it was stored.

        :param repeated: an earlier attempt may have stored it
        :raise OutcomeUnknown: nobody could tell
        """

    @abstractmethod
    def derive(self, step: Step[T]) -> list[Write]:
        """Work out what a step means for the projections."""

    @abstractmethod
    def derive_all(self, thing: T) -> list[Write]:
        """Work out all writes that make projections and consumers agree with the truth."""

    @abstractmethod
    def all_ids(self, position: int) -> Iterator[tuple[uuid.UUID, int]]:
        """Walk over all ids in the order of their tokens, from one on, page by page."""

    @abstractmethod
    def wrong_history(self, thing: T) -> tuple[list[Any], int]:
        """Look at the whole history, for repair.

        :return: all changes, and how many of their rows are not as they should be
        """

    def follow(self, step: Step[T]) -> bool:
        """Do what follows a step and nobody misses at once; tell whether all is done. A sweeper does the rest."""
        return True

    def follow_all(self, thing: T) -> None:
        """Do all of what ``follow`` does, for whatever steps led here."""

    def writes(self, step: Step[T]) -> list[Write]:
        """Work out what a step means for projections and consumers."""
        return [*self.derive(step), *consumed(step.change)]

    def derive_again(self, id_: uuid.UUID) -> None:
        """Write whatever is derived as the truth says, and remove what was derived from the versions before.

        The truth is read at the serial level: a change that was accepted and not committed yet is ended by that, or the
        next conditional write would commit it, and nobody would derive it.
        """
        thing = self.load(id_, ConsistencyLevel.LOCAL_SERIAL)
        if thing is not None:
            side_by_side(self.derive_all(thing))
            self.follow_all(thing)

    def finish(self, id_: uuid.UUID, change_id: uuid.UUID) -> bool:
        """Finish a change that its worker left; tell whether it was found, or can no longer come.

        One that is not found may still wait in the socket of a node that hangs. What is derived is read after it was
        found.
        """
        thing = self.load(id_, ConsistencyLevel.LOCAL_SERIAL)
        # Of what was removed for good no change is known, and its version is past whatever could come.
        if thing is None or not (self.is_removed(thing) or self.holds(thing, change_id)):
            return False
        self.derive_again(id_)
        return True
