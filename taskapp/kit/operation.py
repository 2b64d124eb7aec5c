"""One write, acknowledged or not: who, when, and ids that a repeat will have again."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from taskapp.kit import clock

_NAMESPACE = uuid.UUID("5f0bbcf1-57a5-5a9b-8a41-0c27d3d0f5a7")


@dataclass(frozen=True, slots=True)
class Operation:
    """A write of one caller.

    With an Idempotency-Key, ``seed`` and ``at`` are the same whenever the request is sent again, and so are the ids
    derived from them: a repeat writes the same rows, or finds its own change in the history.

    :param repeated: an earlier attempt may have been carried out
    """

    actor: uuid.UUID
    at: datetime
    seed: uuid.UUID
    repeated: bool = False

    @classmethod
    def new(cls, actor: uuid.UUID) -> "Operation":
        """Begin a write that will not be repeated."""
        return cls(actor, clock.now(), clock.new_id())

    @classmethod
    def keyed(cls, actor: uuid.UUID, key: str, at: datetime, *, repeated: bool) -> "Operation":
        """Begin, or begin again, the write that a caller named with an Idempotency-Key at time ``at``."""
        return cls(actor, at, uuid.uuid5(_NAMESPACE, f"{actor}:{clock.micros(at)}:{key}"), repeated)

    @property
    def change_id(self) -> uuid.UUID:
        """The id of its change, a version 1 UUID with its time."""
        return clock.timeuuid(self.at, low=self.seed.int)

    @property
    def new_id(self) -> uuid.UUID:
        """The id of the object it creates, if any."""
        # Ids already handed out depend on this word.
        return uuid.uuid5(self.seed, "task")

    def child(self, number: int) -> "Operation":
        """Return the n-th operation of those that a request asks for; the same for a repeat of the request."""
        return replace(self, seed=uuid.uuid5(self.seed, f"child {number}"))
