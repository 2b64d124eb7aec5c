"""A query written with cqlengine becomes one text for all values, so that it is prepared once."""

import uuid
from datetime import datetime

from cassandra.cqlengine.statements import SelectStatement

from taskapp.cassandra.intents import Intents
from taskapp.cassandra.leases import Leases
from taskapp.cassandra.model import template

AT = datetime(2026, 1, 1)


def select(shard: int, at: datetime, limit: int) -> SelectStatement:
    return Intents.objects.using(keyspace="ks").filter(shard=shard, minute=at).limit(limit)._select_query()


def test_values_and_limits_become_markers() -> None:
    text, values = template(select(3, AT, 17))
    assert "?" in text
    assert "3" not in text
    assert "17" not in text
    assert 17 in values
    assert 3 in values
    assert text.count("?") == len(values)


def test_other_values_are_the_same_text() -> None:
    assert template(select(1, AT, 5))[0] == template(select(2, datetime(2027, 1, 1), 6))[0]


def test_in_takes_a_list() -> None:
    text, values = template(Leases.objects.using(keyspace="ks").filter(name__in=["a", "b"])._select_query())
    assert text.count("?") == len(values)
    assert ["a", "b"] in values


def test_a_text_in_quotes_is_a_value_and_no_cql() -> None:
    name = "x'; DROP TABLE tasks; -- LIMIT 9"
    text, values = template(Leases.objects.using(keyspace="ks").filter(name=name)._select_query())
    assert "DROP" not in text
    assert name in values


def test_a_time_to_live_becomes_a_marker() -> None:
    from cassandra.cqlengine.statements import InsertStatement

    statement = InsertStatement("ks.leases", ttl=30, timestamp=None)
    statement.add_assignment(Leases._columns["owner"], uuid.UUID(int=1))
    text, values = template(statement)
    assert "TTL ?" in text
    assert values[-1] == 30
