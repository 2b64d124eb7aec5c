"""What aggregates have in common; those that are permanently removed, or expire, add to it."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from taskapp.cassandra.mapper import Table
from taskapp.kit import clock
from taskapp.kit.operation import Operation
from taskapp.writepath.aggregate import Aggregate, Step, consumed
from taskapp.writepath.diffs import Diffs
from taskapp.writepath.projections import Projection, Write, changes
from taskapp.writepath.truth import PAGE, Truth

T = TypeVar("T", bound=Table)


def timestamp(thing: Any) -> int:
    """Return the write timestamp of a version: the creation time, in microseconds, plus the version.

    Bare versions would give the same order. But Cassandra drops a tombstone only if nothing in the same partition that
    it might hide can be older, and every new entity would start at 1 again: no tombstone of a busy partition would ever
    be dropped.
    """
    return clock.micros(thing.created_at) + int(thing.current_version)


class Versioned(Aggregate[T]):
    """An aggregate whose truth is a ``Truth``; its state has ``created_at``, ``updated_at``, ``current_version``."""

    truth: ClassVar[Truth[Any, Any]]
    diffs: ClassVar[Diffs[Any]]

    def step(self, old: T | None, new: Any, operation: Operation, kind: str) -> Step[T]:
        """Turn an edited state into the next version, with the change that leads to it; no step if it is the same."""
        if old is not None:
            if new == old:
                return Step(old, old)
            before: Any = old
            at = max(operation.at, before.updated_at + timedelta(milliseconds=1))
            new = new.replace(current_version=before.current_version + 1, updated_at=at)
        return Step(old, new, self.truth.change(new, operation, kind, self.diffs.between(old, new)))

    def load(self, id_: uuid.UUID, consistency: int | None = None) -> T | None:
        """Read the state."""
        found: T | None = self.truth.get(id_, consistency)
        return found

    def is_removed(self, thing: T) -> bool:
        """Return False: it never is."""
        return False

    def has_expired(self, thing: T) -> bool:
        """Return False: it never does."""
        return False

    def timestamp(self, thing: T) -> int:
        """Return the write timestamp of a version."""
        return timestamp(thing)

    def holds(self, thing: T, change_id: uuid.UUID) -> bool:
        """Return whether a change is in the history."""
        return self.truth.holds(getattr(thing, self.truth.id_column), change_id)

    def store(self, step: Step[T], *, repeated: bool) -> bool:
        """Store a step if the truth is still what the step starts from."""
        if step.old is None:
            return self.truth.create_once(step.new, step.change, repeated=repeated)
        return self.truth.store(step.old, step.new, step.change, repeated=repeated)

    def derive(self, step: Step[T]) -> list[Write]:
        """Derive the writes of a step to the projections."""
        return changes(self.projections, step.old, step.new)

    def derive_all(self, thing: T) -> list[Write]:
        """Derive all writes that make projections and consumers agree with the latest changes."""
        history = self.truth.history(getattr(thing, self.truth.id_column), limit=PAGE)
        found = [write for change in history for write in consumed(self.consumers, change)]
        found += [write for projection in self.projections for write in projection.whole(thing)]
        return found + list(_removals(self.projections, self.diffs.earlier(thing, history), thing))

    def all_ids(self, position: int) -> Iterator[tuple[uuid.UUID, int]]:
        """Walk over all ids and their tokens in token order."""
        return self.truth.all_ids(position)

    def wrong_history(self, thing: T) -> tuple[list[Any], int]:
        """List all changes; none can be wrong."""
        return list(self.truth.whole_history(getattr(thing, self.truth.id_column))), 0


def _removals(projections: Iterable[Projection], earlier: Iterable[Any], new: Any) -> Iterator[Write]:
    """Derive, once each, the writes that remove the rows of earlier versions."""
    seen: set[tuple[Any, ...]] = set()
    for before in earlier:
        for write in changes(projections, before, new):
            key = (write.projection.model, *(write.values[name] for name in write.projection.keys))
            if write.removes and key not in seen:
                seen.add(key)
                yield write
