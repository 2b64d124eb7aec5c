"""The tables of wildlife: those of the tutorial."""

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class Animals(Table):
    """Which animals does a genus have, by species?

    A partition a genus, a row a species of some hundred bytes. A genus has at most some thousand species.
    """

    __table_name__ = "animals"
    __options__ = _UNIFIED
    genus = columns.Text(partition_key=True)
    species = columns.Text(primary_key=True)
    image_url = columns.Text()
    size_cm = columns.Float()
    sightings = columns.Integer()
    taxonomy = columns.List(columns.Text)


class Plants(Table):
    """Which plants does a genus have, by species?

    A partition a genus, a row a species of some 40 bytes: a million of them, the most that is tested, are 40 MB.
    """

    __table_name__ = "plants"
    __options__ = _UNIFIED
    genus = columns.Text(partition_key=True)
    species = columns.Text(primary_key=True)
    sightings = columns.Integer()


MODELS = (Animals, Plants)
