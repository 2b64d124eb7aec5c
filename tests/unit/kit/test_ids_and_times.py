"""Ids and times: what a repeat has again, and the order Cassandra sorts UUIDs in."""

import uuid
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit import clock
from taskapp.kit.operation import Operation
from taskapp.kit.uuid_order import uuid_key

TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(clock.floor_ms)
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7e), min_size=1, max_size=30)


@given(st.uuids(), KEYS, TIMES, st.booleans())
def test_a_repeat_has_the_same_ids(actor: uuid.UUID, key: str, at: datetime, repeated: bool) -> None:
    first = Operation.keyed(actor, key, at, repeated=False)
    again = Operation.keyed(actor, key, at, repeated=repeated)
    assert (first.new_id, first.change_id, first.at) == (again.new_id, again.change_id, again.at)


@given(st.uuids(), st.uuids(), KEYS, KEYS, TIMES, TIMES)
def test_another_caller_key_or_time_has_others(actor: uuid.UUID, other: uuid.UUID, key: str, other_key: str,
                                               at: datetime, later: datetime) -> None:
    one, two = Operation.keyed(actor, key, at, repeated=False), Operation.keyed(other, other_key, later, repeated=False)
    same = (actor, key, at) == (other, other_key, later)
    assert (one.new_id == two.new_id) is same
    assert (one.change_id == two.change_id) is same


def test_no_two_unkeyed_operations_share_an_id() -> None:
    made = [Operation.new(uuid.uuid4()) for _ in range(1000)]
    assert len({each.new_id for each in made}) == len({each.change_id for each in made}) == 1000


@given(TIMES, st.integers(0, 2**80))
def test_a_timeuuid_tells_its_time(at: datetime, low: int) -> None:
    made = clock.timeuuid(at, low)
    assert made.version == 1
    assert made.variant == uuid.RFC_4122
    assert clock.timeuuid_time(made) == at


@given(TIMES, TIMES)
def test_timeuuids_sort_by_time_first(one: datetime, other: datetime) -> None:
    first, second = clock.timeuuid(one), clock.timeuuid(other)
    if one != other:
        assert (uuid_key(first) < uuid_key(second)) == (one < other)


@given(st.uuids(version=4), st.uuids(version=4))
def test_random_uuids_sort_as_unsigned_bytes(one: uuid.UUID, other: uuid.UUID) -> None:
    assert (uuid_key(one) < uuid_key(other)) == (one.bytes < other.bytes)


@given(st.uuids(version=1), st.uuids(version=4), st.uuids(version=5))
def test_versions_sort_before_all_else(one: uuid.UUID, four: uuid.UUID, five: uuid.UUID) -> None:
    assert uuid_key(one) < uuid_key(four) < uuid_key(five)


@given(st.lists(st.uuids(), max_size=20))
def test_the_order_is_total(ids: list[uuid.UUID]) -> None:
    assert len({uuid_key(each) for each in ids}) == len(set(ids))


@given(TIMES)
def test_times_are_written_with_milliseconds(at: datetime) -> None:
    text = clock.rfc3339(at)
    assert len(text) == len("2026-11-21T06:47:00.123Z")
    assert datetime.fromisoformat(text).replace(tzinfo=None) == at
