"""Intents: notes that a change is under way, by which unfinished changes are found.

A writer leaves its note before it changes the truth, and removes it when the projections are written or when it knows
that nothing was stored. A writer that dies in between, or never learns the outcome of its change, leaves a note that
the sweeper finds. A note is keyed by the change as well as the task, so that one writer removing its note never hides
the death of another.

A change that is not found may still arrive: nothing fences off a conditional write that is waiting in the socket of a
hung node. So its note is postponed, and looked at again after a quarter of its age, for a day.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra.driver.statement import Answer
from taskapp.cassandra.mapper import Column, Delete, Insert, Select, Table, bind, ttl
from taskapp.kit import clock

SHARDS = 4
# How long a note is kept, and looked for by the sweeper.
UNFINISHED = timedelta(days=1)


class Note(Table):
    """Which changes are due to be looked at in a given minute?

    One partition per shard and minute; a row lives until its change is known to be finished, for a day at most.

    Write timestamps come from the row itself, not from a clock: a note is written with that of its ``look_at``,
    and removed with one a microsecond later, so no clock decides whether it is gone.
    """

    __table_name__ = "intents"
    __options__ = {
        "gc_grace_seconds": 3600,
        "default_time_to_live": int(UNFINISHED.total_seconds()),
        "compaction": {"class": "org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy",
                       "compaction_window_unit": "HOURS", "compaction_window_size": "1"},
    }
    shard: Column[int] = columns.Integer(partition_key=True)
    minute: Column[datetime] = columns.DateTime(partition_key=True)
    # The id of the entity that changes. The name dates from when only tasks did.
    task_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    change_id: Column[uuid.UUID] = columns.TimeUUID(primary_key=True)
    kind: Column[str | None] = columns.Text()
    noted_at: Column[datetime] = columns.DateTime()
    look_at: Column[datetime | None] = columns.DateTime()


_OF_MINUTE = Note.objects.filter(Note.shard == bind("shard"), Note.minute == bind("minute"))
_NOTE = Insert("intents.note", Note, ttl=bind("ttl"), timestamp=bind("stamp"))
_DROP = Delete("intents.drop", _OF_MINUTE.filter(Note.task_id == bind("task_id"), Note.change_id == bind("change_id"))
               .timestamp(bind("stamp")))
_LIST = Select("intents.of_minute", _OF_MINUTE)


@dataclass(frozen=True, slots=True)
class Intent:
    """The note of one change of one aggregate.

    :param kind: the kind of the aggregate
    :param noted_at: when the change began
    :param look_at: when a sweeper may look at it next; initially ``noted_at``
    """

    kind: str
    id: uuid.UUID
    change_id: uuid.UUID
    noted_at: datetime
    look_at: datetime

    @classmethod
    def new(cls, kind: str, id_: uuid.UUID, change_id: uuid.UUID) -> "Intent":
        """Make the intent of a change that begins now."""
        now = clock.now()
        return cls(kind, id_, change_id, now, now)

    def note(self) -> Answer:
        """Send the note; it must be acknowledged before the truth changes."""
        return _NOTE.send(**self._key, kind=self.kind, noted_at=self.noted_at, look_at=self.look_at,
                          stamp=clock.micros(self.look_at), ttl=ttl.seconds(self.noted_at + UNFINISHED, clock.now()))

    def drop(self) -> None:
        """Remove the note without waiting: a leftover note only costs the sweeper a few looks."""
        _DROP.tell(**self._key, stamp=clock.micros(self.look_at) + 1)

    def put_off(self, until: datetime) -> None:
        """Postpone the sweeper's next look at it until a given time."""
        replace(self, look_at=until).note().rows()
        if minute(until) != minute(self.look_at):
            _DROP.run(**self._key, stamp=clock.micros(self.look_at) + 1)

    @property
    def _key(self) -> dict[str, Any]:
        return {"shard": self.id.int % SHARDS, "minute": minute(self.look_at), "task_id": self.id,
                "change_id": self.change_id}


def minute(at: datetime) -> datetime:
    """Truncate a time to the minute."""
    return at.replace(second=0, microsecond=0)


def minutes(since: datetime, until: datetime) -> list[datetime]:
    """List the minutes from that of ``since`` to that of ``until``, inclusive."""
    first, last = minute(since), minute(until)
    return [first + timedelta(minutes=step) for step in range(int((last - first) / timedelta(minutes=1)) + 1)]


def unfinished(shard: int, at: datetime, before: datetime) -> list[Intent]:
    """List the notes of a shard and minute whose ``look_at`` is before a given time."""
    # Notes of earlier releases, which were all about tasks, have neither a kind nor a time to look at them.
    found = [Intent(row.kind or "task", row.task_id, row.change_id, row.noted_at, row.look_at or row.noted_at)
             for row in _LIST.all(shard=shard, minute=at)]
    return [intent for intent in found if intent.look_at < before]
