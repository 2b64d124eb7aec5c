"""The tables of activity, both derived from changes."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Table
from taskapp.kit import clock

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class Event(Table):
    """What did a user do in a month, newest first?

    A row of some 60 bytes for each change; 100,000 changes a month are 6 MB. The time of an event is in its id. The
    expiry of a task is stored in advance, dated in the future: no process need be running when it comes.
    """

    __table_name__ = "events_by_user"
    __options__ = _UNIFIED
    user_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    month: Column[datetime] = columns.DateTime(partition_key=True)
    event_id: Column[uuid.UUID] = columns.TimeUUID(primary_key=True, clustering_order="DESC")
    kind: Column[str] = columns.Text()
    task_id: Column[uuid.UUID] = columns.UUID()
    version: Column[int] = columns.Integer()

    @property
    def at(self) -> datetime:
        """When it happened."""
        return clock.floor_ms(clock.timeuuid_time(self.event_id))


class EventMonth(Table):
    """In which months does a user have events? One row per month, so that reading back skips empty months."""

    __table_name__ = "event_months"
    __options__ = _UNIFIED
    user_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    month: Column[datetime] = columns.DateTime(primary_key=True, clustering_order="DESC")


MODELS = (Event, EventMonth)
