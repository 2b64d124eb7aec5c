"""User types: `sync-tables` makes them before the tables that use them, and adds fields of a newer release."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cassandra.cqlengine import columns
from cassandra.cqlengine.usertype import UserType

from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.driver.statement import Statement
from taskapp.cassandra.errors import SchemaError
from taskapp.cassandra.mapper import Table
from taskapp.cassandra.schema.sync import Schema
from taskapp.settings import Settings
from tests.fixtures.cassandra import Cassandra


class Point(UserType):
    north = columns.Double()
    east = columns.Double()


class Place(UserType):
    street = columns.Text()
    at = columns.UserDefinedType(Point)


class PlaceOfNextRelease(UserType):
    __type_name__ = "place"
    street = columns.Text()
    at = columns.UserDefinedType(Point)
    floor = columns.Integer()


class PlaceOfAnotherMind(UserType):
    __type_name__ = "place"
    street = columns.Integer()
    at = columns.UserDefinedType(Point)


def parcels(place: type[UserType]) -> type[Table]:
    class Parcels(Table):
        """Where does a parcel go, and by which places?"""

        __table_name__ = "parcels"
        number = columns.Integer(partition_key=True)
        target = columns.UserDefinedType(place)
        stops = columns.List(columns.UserDefinedType(place))

    return Parcels


FIRST, NEXT, OTHER = (Schema(version, (parcels(place),), ()) for version, place in (
    (1, Place), (2, PlaceOfNextRelease), (2, PlaceOfAnotherMind)))
PUT = Statement("parcels.put", "INSERT INTO $ks.parcels (number, target, stops) VALUES (:number, :place, :places)")
GET = Statement("parcels.get", "SELECT target, stops FROM $ks.parcels WHERE number = :number")


@pytest.fixture
def settings(session: Any, cassandra: Cassandra, new_keyspace: Callable[[], str]) -> Iterator[Settings]:
    before, db.keyspace = db.keyspace, new_keyspace()
    yield replace(Settings(), cassandra_contact_points=(cassandra.address,), cassandra_port=cassandra.port,
                  cassandra_keyspace=db.keyspace)
    db.keyspace = before


def types(keyspace: str) -> dict[str, list[str]]:
    rows = db.session.execute("SELECT type_name, field_names FROM system_schema.types WHERE keyspace_name = %s",
                              (keyspace,), execution_profile=policies.SCHEMA)
    return {row["type_name"]: list(row["field_names"]) for row in rows}


def about(texts: list[str], word: str) -> list[int]:
    return [number for number, text in enumerate(texts) if word in text]


def test_types_are_made_before_what_uses_them(settings: Settings) -> None:
    dry = FIRST.sync(settings, dry_run=True)
    point, place, table = (about(dry, word) for word in ("CREATE TYPE " + db.keyspace + ".point",
                                                         "CREATE TYPE " + db.keyspace + ".place", ".parcels"))
    assert len(point) == len(place) == len(table) == 1
    assert point < place < table
    assert types(db.keyspace) == {}

    done = FIRST.sync(settings)
    assert [text for text in dry if "TYPE" in text] == [text for text in done if "TYPE" in text]
    assert types(db.keyspace) == {"point": ["north", "east"], "place": ["street", "at"]}
    assert FIRST.sync(settings) == []


def test_a_value_comes_back_as_it_was_written(settings: Settings) -> None:
    FIRST.sync(settings)
    mill = Place(street="Mill Lane", at=Point(north=51.5, east=-0.1))
    PUT.run(number=1, place=mill, places=[mill, Place(street="Quay", at=None)])
    ((to, by),) = GET.run(number=1)
    assert (to.street, to.at.north, to.at.east) == ("Mill Lane", 51.5, -0.1)
    assert [(each.street, each.at is None) for each in by] == [("Mill Lane", False), ("Quay", True)]


def test_a_field_of_a_newer_release_is_added(settings: Settings) -> None:
    FIRST.sync(settings)
    PUT.run(number=1, place=Place(street="Mill Lane"), places=[])
    assert NEXT.fingerprint != FIRST.fingerprint
    expected = [f'ALTER TYPE {db.keyspace}.place ADD "floor" int']
    assert [text.strip() for text in NEXT.sync(settings, dry_run=True)] == expected
    assert types(db.keyspace)["place"] == ["street", "at"]
    assert [text.strip() for text in NEXT.sync(settings)] == expected
    assert types(db.keyspace)["place"] == ["street", "at", "floor"]
    # A process of the new release prepares anew.
    db._prepared.clear()
    PUT.run(number=2, place=PlaceOfNextRelease(street="Quay", floor=3), places=[])
    assert [(row[0].street, row[0].floor) for number in (1, 2) for row in GET.run(number=number)] == [
        ("Mill Lane", None), ("Quay", 3)]


def test_a_field_whose_type_differs_is_refused(settings: Settings) -> None:
    FIRST.sync(settings)
    with pytest.raises(SchemaError, match="street"):
        OTHER.sync(settings)
    assert types(db.keyspace)["place"] == ["street", "at"]
