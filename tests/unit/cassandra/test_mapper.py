"""What the mapper renders, and what its rows are. `statements.cql` has all texts of the service itself.

Red when a new driver changes the names of cqlengine's that `mapper/cqlengine.py` uses.
"""

import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cassandra.cqlengine import columns
from cassandra.query import UNSET_VALUE

from taskapp.cassandra.mapper import (
    Column,
    Delete,
    FrozenMap,
    Insert,
    Select,
    Table,
    Update,
    add,
    bind,
    keys,
    markers,
    max_timeuuid,
    min_timeuuid,
    remaining,
    subtract,
    token,
)
from taskapp.cassandra.mapper.rows import maker


class Named(Table):
    """Who is this?"""

    __abstract__ = True
    id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    name: Column[str] = columns.Text()

    @property
    def loud(self) -> str:
        return self.name.upper()


class Person(Named):
    """Who is this, and since when?"""

    __table_name__ = "people"
    __secret__ = ("password",)
    at: Column[datetime | None] = columns.DateTime(primary_key=True, clustering_order="DESC")
    event: Column[uuid.UUID] = columns.TimeUUID(primary_key=True)
    password: Column[str | None] = columns.Text()
    tags: Column[frozenset[str]] = columns.Set(columns.Text)
    more: Column[dict[str, str]] = FrozenMap(columns.Text, columns.Text)
    version: Column[int] = columns.Integer()


class Shown(Table):
    """What is shown of a person?"""

    __abstract__ = True
    id: Column[str] = columns.Text(primary_key=True)
    name: Column[str] = columns.Text()


class Count(Table):
    """How many?"""

    __table_name__ = "counts"
    id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    number: Column[int] = columns.Counter()


PEOPLE = Person.objects.filter(Person.id == bind("id"))
ALL = "id, name, at, event, password, tags, more, version"
SINCE = keys(Person.at, Person.event) < markers("at", "event")
TEXTS = [
    (Select("a", PEOPLE), f"SELECT {ALL} FROM $ks.people WHERE id = :id"),
    (Select("a", PEOPLE, rows=Named, plus=remaining(Person.name)),
     "SELECT id, name, TTL(name) FROM $ks.people WHERE id = :id"),
    (Select("a", PEOPLE.filter(SINCE).order_by("-at", "event").limit(bind("size")), rows=Shown),
     "SELECT CAST(id AS text) AS id, name FROM $ks.people WHERE id = :id AND (at, event) < (:at, :event) "
     "ORDER BY at DESC, event ASC LIMIT :size"),
    (Select("a", Person.objects.filter(Person.id.in_(bind("ids")), Person.tags.contains_(bind("x"))).allow_filtering(),
            rows=Named),
     "SELECT id, name FROM $ks.people WHERE id IN :ids AND tags CONTAINS :x ALLOW FILTERING"),
    (Select("a", PEOPLE.filter(Person.event > max_timeuuid("low"), Person.event < min_timeuuid("high")), rows=Named),
     "SELECT id, name FROM $ks.people WHERE id = :id AND event > maxTimeuuid(:low) AND event < minTimeuuid(:high)"),
    (Select("a", Count.objects.filter(token(Count.id) >= bind("from")), plus=token(Count.id)),
     "SELECT id, number, token(id) FROM $ks.counts WHERE token(id) >= :from"),
    (Insert("a", Count, if_not_exists=True, ttl=bind("ttl")),
     "INSERT INTO $ks.counts (id, number) VALUES (:id, :number) IF NOT EXISTS USING TTL :ttl"),
    (Insert("a", Person, part=Named, ttl=bind("ttl"), timestamp=bind("stamp")),
     "INSERT INTO $ks.people (id, name) VALUES (:id, :name) USING TTL :ttl AND TIMESTAMP :stamp"),
    (Update("a", PEOPLE.iff(version=bind("expected")).ttl(bind("ttl")), "name", "tags"),
     "UPDATE $ks.people USING TTL :ttl SET name = :name, tags = :tags WHERE id = :id IF version = :expected"),
    (Update("a", PEOPLE.timestamp(1), add(Person.tags, bind("new")), subtract(Person.tags, bind("old"))),
     "UPDATE $ks.people USING TIMESTAMP 1 SET tags = tags + :new, tags = tags - :old WHERE id = :id"),
    (Update("a", Count.objects.filter(Count.id == bind("id")), add(Count.number, bind("more"))),
     "UPDATE $ks.counts SET number = number + :more WHERE id = :id"),
    (Delete("a", PEOPLE.timestamp(bind("stamp"))), "DELETE FROM $ks.people USING TIMESTAMP :stamp WHERE id = :id"),
    (Delete("a", PEOPLE.iff(version=bind("expected")), "name"),
     "DELETE name FROM $ks.people WHERE id = :id IF version = :expected"),
]


@pytest.mark.parametrize(("query", "text"), TEXTS, ids=range(len(TEXTS)))
def test_what_is_rendered(query: Any, text: str) -> None:
    assert query.cql == text


@pytest.mark.parametrize(("query", "text"), TEXTS, ids=range(len(TEXTS)))
def test_conditions_and_counters_are_not_sent_twice(query: Any, text: str) -> None:
    assert query.idempotent == (" IF " not in text and " + " not in text)


def test_a_value_in_a_query_is_refused() -> None:
    with pytest.raises(TypeError, match="marker"):
        Select("a", Person.objects.filter(Person.id == uuid.uuid4()))


def test_options_that_do_not_go_with_a_statement_are_refused() -> None:
    with pytest.raises(TypeError, match="ttl"):
        Select("a", PEOPLE.ttl(bind("ttl")))
    with pytest.raises(TypeError, match="order_by"):
        Update("a", PEOPLE.order_by("-at"), "name")
    with pytest.raises(TypeError, match="ttl"):
        Delete("a", PEOPLE.ttl(bind("ttl")))


# -- Rows

ANN = Person(id=uuid.UUID(int=1), name="Ann", password="secret")


def test_rows_are_immutable_and_compare_by_value() -> None:
    with pytest.raises(AttributeError):
        ANN.name = "Bob"  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        ANN.other = 1  # type: ignore[attr-defined]
    assert ANN.replace(name="Ann") == ANN
    assert ANN.replace(name="Bob") != ANN
    assert ANN.replace(name="Bob").name == "Bob"
    with pytest.raises(ValueError, match="nmae"):
        ANN.replace(nmae="Bob")


def test_what_is_not_given_is_null_or_empty() -> None:
    assert (ANN.at, ANN.version, ANN.tags, ANN.more) == (None, None, frozenset(), {})
    assert Person(id=ANN.id).more is not ANN.more
    with pytest.raises(TypeError, match="nmae"):
        Person(nmae="Bob")


def test_rows_have_the_properties_of_their_table() -> None:
    assert ANN.loud == "ANN"


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(ANN)
    assert "'Ann'" in repr(ANN)


def test_what_the_driver_reads_becomes_a_row() -> None:
    # A time beyond 2242, as the driver's floating point has it; nulls for empty collections.
    read = (ANN.id, "Ann", datetime(2300, 1, 1, 0, 0, 0, 122_985), None, "secret", None, None, 1)
    row, = maker(Person)([read])
    assert row == ANN.replace(at=datetime(2300, 1, 1, 0, 0, 0, 123_000), version=1)
    assert (row.tags, row.more) == (frozenset(), {})
    assert maker(Shown)([("as text", "Ann")])[0].id == "as text"


def test_nothing_is_left_unset_and_nulls_are_written_on_demand() -> None:
    unset, written = Insert("a", Person), Insert("a", Person, nulls=True)
    assert unset.values(ANN, version=1) == {
        "id": ANN.id, "name": "Ann", "password": "secret", "version": 1,
        **dict.fromkeys(("at", "event", "tags", "more"), UNSET_VALUE)}
    assert written.values(ANN) == ANN.as_dict()
    assert Update("a", PEOPLE, "name", "version").values(id=1, name=None) == {
        "id": 1, "name": None, "version": UNSET_VALUE}


# -- Types

TYPED = '''
from tests.unit.cassandra.test_mapper import Named, PEOPLE, Person
from taskapp.cassandra.mapper import Select

person = Select("a", PEOPLE).one(id=1)
assert person
reveal_type(person.at)
reveal_type(Select("a", PEOPLE, rows=Named).all())
person.nmae
person.name = "x"
'''


def test_a_type_checker_knows_the_columns_of_a_row(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", tmp_path / "typed.py"], capture_output=True,
                          text=True, check=False, cwd=Path(__file__).parents[3])
    told = [line.partition("typed.py:")[2] for line in done.stdout.splitlines() if "typed.py:" in line]
    assert told == [
        '7: note: Revealed type is "datetime.datetime | None"',
        '8: note: Revealed type is "list[tests.unit.cassandra.test_mapper.Named]"',
        '9: error: "Person" has no attribute "nmae"  [attr-defined]',
        '10: error: Incompatible types in assignment (expression has type "str", variable has type "Never")  '
        '[assignment]'], done.stdout
