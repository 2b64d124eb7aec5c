"""Intents: notes that a change is under way, by which an unfinished one is found.

A writer leaves its note before it changes the truth and takes it back when the projections are written. Whoever dies in
between leaves a note that the sweeper finds. A note is keyed by the change as well as the task, so that one writer's
taking back never hides another's death.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Answer, Statement
from taskapp.kit import clock

SHARDS = 4
# So long is a note kept, and looked for by the sweeper.
UNFINISHED = timedelta(days=1)


class Intents(Table):
    """Which changes of a minute are unfinished? A partition for each shard and minute; rows live until the change is
    finished, a day at most."""

    __table_name__ = "intents"
    __options__ = {
        "gc_grace_seconds": 3600,
        "default_time_to_live": int(UNFINISHED.total_seconds()),
        "compaction": {"class": "org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy",
                       "compaction_window_unit": "HOURS", "compaction_window_size": "1"},
    }
    shard = columns.Integer(partition_key=True)
    minute = columns.DateTime(partition_key=True)
    task_id = columns.UUID(primary_key=True)
    change_id = columns.TimeUUID(primary_key=True)
    noted_at = columns.DateTime()


_KEY = "shard = :shard AND minute = :minute"
_NOTE = Statement("intents.note", "INSERT INTO $ks.intents (shard, minute, task_id, change_id, noted_at) "
                  "VALUES (:shard, :minute, :task_id, :change_id, :noted_at)")
_DROP = Statement("intents.drop", f"DELETE FROM $ks.intents WHERE {_KEY} AND task_id = :task_id "
                  "AND change_id = :change_id")
_OF_MINUTE = Statement("intents.of_minute", f"SELECT task_id, change_id, noted_at FROM $ks.intents WHERE {_KEY}")


class Intent:
    """The note of one change of one task."""

    def __init__(self, task_id: uuid.UUID, change_id: uuid.UUID) -> None:
        self.noted_at = clock.now()
        self._key: dict[str, Any] = {"shard": task_id.int % SHARDS, "minute": minute(self.noted_at), "task_id": task_id,
                     "change_id": change_id}

    def note(self) -> Answer:
        """Send the note; it must be acknowledged before the truth changes."""
        return _NOTE.send(noted_at=self.noted_at, **self._key)

    def drop(self) -> None:
        """Take the note back, without waiting: a note too many costs one look of the sweeper."""
        _DROP.tell(**self._key)


def minute(at: datetime) -> datetime:
    """Cut a time to its minute."""
    return at.replace(second=0, microsecond=0)


def minutes(since: datetime, until: datetime) -> list[datetime]:
    """List the minutes from that of ``since`` to that of ``until``, both included."""
    first, last = minute(since), minute(until)
    return [first + timedelta(minutes=step) for step in range(int((last - first) / timedelta(minutes=1)) + 1)]


def unfinished(shard: int, at: datetime, noted_before: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """List (task, change) of a shard's minute whose notes are older than a time."""
    return [(task_id, change_id) for task_id, change_id, noted_at in _OF_MINUTE.run(shard=shard, minute=at)
            if noted_at < noted_before]


def drop(shard: int, at: datetime, task_id: uuid.UUID, change_id: uuid.UUID) -> None:
    """Take back the note of a change that is finished."""
    _DROP.run(shard=shard, minute=at, task_id=task_id, change_id=change_id)
