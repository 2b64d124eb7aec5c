"""The tables of wildlife: those of the tutorial."""

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Table

_UNIFIED = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"}}


class Animal(Table):
    """Which animals does a genus have, by species?

    One partition per genus, one row of some hundred bytes per species. A genus has at most a few thousand species.
    """

    __table_name__ = "animals"
    __options__ = _UNIFIED
    genus: Column[str] = columns.Text(partition_key=True)
    species: Column[str] = columns.Text(primary_key=True)
    image_url: Column[str | None] = columns.Text()
    size_cm: Column[float | None] = columns.Float()
    sightings: Column[int] = columns.Integer()
    taxonomy: Column[tuple[str, ...]] = columns.List(columns.Text)


class Plant(Table):
    """Which plants does a genus have, by species?

    One partition per genus, one row of some 40 bytes per species: a million of them, the most tested, are 40 MB.
    """

    __table_name__ = "plants"
    __options__ = _UNIFIED
    genus: Column[str] = columns.Text(partition_key=True)
    species: Column[str] = columns.Text(primary_key=True)
    sightings: Column[int] = columns.Integer()


MODELS = (Animal, Plant)
