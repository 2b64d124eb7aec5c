"""The tables of activity, both derived from changes."""

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class EventsByUser(Table):
    """What did a user do in a month, newest first?

    A row of some 60 bytes for each change; 100,000 changes a month are 6 MB. The time of an event is in its id. The end
    of a task that expires stands here from the beginning, in its own future: nobody need be awake when it comes.
    """

    __table_name__ = "events_by_user"
    __options__ = _UNIFIED
    user_id = columns.UUID(partition_key=True)
    month = columns.DateTime(partition_key=True)
    event_id = columns.TimeUUID(primary_key=True, clustering_order="DESC")
    kind = columns.Text()
    task_id = columns.UUID()
    version = columns.Integer()


class EventMonths(Table):
    """In which months has a user events? A row a month, so that reading back meets no empty ones."""

    __table_name__ = "event_months"
    __options__ = _UNIFIED
    user_id = columns.UUID(partition_key=True)
    month = columns.DateTime(primary_key=True, clustering_order="DESC")


MODELS = (EventsByUser, EventMonths)
