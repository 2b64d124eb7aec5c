"""Intents: notes that a change is under way, by which an unfinished one is found.

A writer leaves its note before it changes the truth and takes it back when the projections are written, or when it
knows that nothing was stored. Whoever dies in between, or never learns what became of the change, leaves a note that
the sweeper finds. A note is keyed by the change as well as the task, so that one writer's taking back never hides
another's death.

A change that is not found may still come: a conditional write that waits in the socket of a node that hangs is fenced
by nothing. So its note is put off, to be looked at again after a quarter of its age, for a day.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra import ttl
from taskapp.cassandra.mapper import Column, Delete, Insert, Select, Table, bind
from taskapp.cassandra.statement import Answer
from taskapp.kit import clock

SHARDS = 4
# So long is a note kept, and looked for by the sweeper.
UNFINISHED = timedelta(days=1)


class Note(Table):
    """Which changes are to be looked at in a minute? A partition for each shard and minute; rows live until the change
    is known to be finished, a day at most.

    All writes of a row compete by times that the row itself names: a note is written at its ``look_at``, and removed a
    microsecond later, so that no clock decides whether it is gone.
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
    # The id of whatever changes. Its name is from when tasks were all that did.
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

    :param kind: that of the aggregate
    :param noted_at: when the change began
    :param look_at: when a sweeper may look at it next; at first the same
    """

    kind: str
    id: uuid.UUID
    change_id: uuid.UUID
    noted_at: datetime
    look_at: datetime

    @classmethod
    def new(cls, kind: str, id_: uuid.UUID, change_id: uuid.UUID) -> "Intent":
        """Begin a change."""
        now = clock.now()
        return cls(kind, id_, change_id, now, now)

    def note(self) -> Answer:
        """Send the note; it must be acknowledged before the truth changes."""
        return _NOTE.send(**self._key, kind=self.kind, noted_at=self.noted_at, look_at=self.look_at,
                          stamp=clock.micros(self.look_at), ttl=ttl.seconds(self.noted_at + UNFINISHED, clock.now()))

    def drop(self) -> None:
        """Take the note back, without waiting: a note too many costs some looks of the sweeper."""
        _DROP.tell(**self._key, stamp=clock.micros(self.look_at) + 1)

    def put_off(self, until: datetime) -> None:
        """Let a sweeper look at it again at a time."""
        replace(self, look_at=until).note().rows()
        if minute(until) != minute(self.look_at):
            _DROP.run(**self._key, stamp=clock.micros(self.look_at) + 1)

    @property
    def _key(self) -> dict[str, Any]:
        return {"shard": self.id.int % SHARDS, "minute": minute(self.look_at), "task_id": self.id,
                "change_id": self.change_id}


def minute(at: datetime) -> datetime:
    """Cut a time to its minute."""
    return at.replace(second=0, microsecond=0)


def minutes(since: datetime, until: datetime) -> list[datetime]:
    """List the minutes from that of ``since`` to that of ``until``, both included."""
    first, last = minute(since), minute(until)
    return [first + timedelta(minutes=step) for step in range(int((last - first) / timedelta(minutes=1)) + 1)]


def unfinished(shard: int, at: datetime, before: datetime) -> list[Intent]:
    """List the notes in a shard's minute that are to be looked at before a time."""
    # Notes of earlier releases say neither what they are about, which were tasks, nor when to look.
    found = [Intent(row.kind or "task", row.task_id, row.change_id, row.noted_at, row.look_at or row.noted_at)
             for row in _LIST.all(shard=shard, minute=at)]
    return [intent for intent in found if intent.look_at < before]
