"""Each field takes exactly one JSON type."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields
from marshmallow.validate import Range

from taskapp.kit.clock import floor_ms, rfc3339
from taskapp.kit.fields import Id, MapOf, SetChange, SetOf, Text, Time

# marshmallow's own, as the schemas use it.
WHOLE = fields.Integer(strict=True, validate=Range(0, 5))
FIELDS = {
    "text": Text(longest=10, shortest=1), "whole": WHOLE,
    "time": Time(), "id": Id(), "set": SetOf(Text(longest=3), most=3),
    "map": MapOf(Text(longest=3), Text(longest=3), most=2)}
GOOD = {"text": "abc", "whole": 3, "time": "2026-11-21T06:47:00Z", "id": str(uuid.uuid4()),
        "set": ["a"], "map": {"a": "b"}}
ALL: list[Any] = [None, True, False, 0, 3, 3.0, -1, 6, float("inf"), float("nan"), "", "3", "abc", [], {}, ["a"], [1],
                  {"a": "b"}, {"a": 1}]


@pytest.mark.parametrize("name", FIELDS)
def test_another_json_type_is_refused(name: str) -> None:
    assert FIELDS[name].deserialize(GOOD[name]) is not None
    kind = type(GOOD[name])
    for value in ALL:
        if type(value) is not kind:
            with pytest.raises(ValidationError):
                FIELDS[name].deserialize(value)


@pytest.mark.parametrize("value", [True, 3.0, 3.5, "3", -1, 6, 10**30])
def test_a_whole_number_is_neither_a_boolean_nor_3_point_0(value: object) -> None:
    with pytest.raises(ValidationError):
        WHOLE.deserialize(value)


@pytest.mark.parametrize("line_break", list("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
def test_one_line_means_what_python_splits(line_break: str) -> None:
    assert len(f"a{line_break}b".splitlines()) == 2
    with pytest.raises(ValidationError):
        Text(longest=9, one_line=True).deserialize(f"a{line_break}b")
    assert Text(longest=9).deserialize(f"a{line_break}b")


def test_length_counts_characters() -> None:
    assert Text(longest=2).deserialize("\U0001f600\U0001f600")
    with pytest.raises(ValidationError):
        Text(longest=2).deserialize("abc")


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_a_time_keeps_its_instant_to_the_millisecond(at: datetime, minutes: int) -> None:
    shown = at.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    assert Time().deserialize(shown.isoformat()) == floor_ms(at)
    assert Time().deserialize(at.isoformat()) == floor_ms(at)
    assert Time().deserialize(rfc3339(floor_ms(at))) == floor_ms(at)


@pytest.mark.parametrize("sent", [
    "2026-11-21", "2026-11-21T06:47", "06:47:00", "20261121T064700Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-11-21T24:00:01Z", "2026-11-21T06:60:00Z", "2026-11-21T06:47:00+25:00", "2026-11-21T06:47:00.Z", "now",
    "1700000000", "2026-11-21T06:47:00Z ", "٢٠٢٦-11-21T06:47:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", ""])
def test_what_is_no_time(sent: str) -> None:
    with pytest.raises(ValidationError):
        Time().deserialize(sent)


@pytest.mark.parametrize("sent", ["2026-11-21T06:47:00z", "2026-11-21t06:47:00.123456789Z", "2026-11-21 06:47:00"])
def test_rfc_3339_allows_small_letters_and_a_space(sent: str) -> None:
    assert Time().deserialize(sent).second == 0


@pytest.mark.parametrize("sent", ["", "x", "{%s}", "urn:uuid:%s", "%s0", " %s", "%s\n"])
def test_what_is_no_uuid(sent: str) -> None:
    with pytest.raises(ValidationError):
        Id().deserialize(sent.replace("%s", str(uuid.uuid4())))


def test_a_set_counts_values_once_and_is_sorted_on_the_way_out() -> None:
    field = SetOf(Text(longest=3), most=3)
    assert field.deserialize(["b", "a", "b"]) == {"a", "b"}
    assert field._serialize(frozenset("cab"), None, None) == ["a", "b", "c"]
    with pytest.raises(ValidationError):
        field.deserialize(["a", "b", "c", "d"])
    with pytest.raises(ValidationError):
        field.deserialize({"add": ["a"]})


@pytest.mark.parametrize("sent", [
    {}, {"add": "a"}, {"add": ["aaaa"]}, {"put": ["a"]}, {"add": ["a"], "x": 1}, {"add": None}])
def test_a_change_of_a_set_is_held_to_its_form(sent: object) -> None:
    with pytest.raises(ValidationError):
        SetOf(Text(longest=3), most=3, changes=True).deserialize(sent)


@given(st.frozensets(st.integers()), st.frozensets(st.integers()), st.frozensets(st.integers()))
def test_two_adds_in_either_order_keep_both(current: frozenset[int], one: frozenset[int],
                                            other: frozenset[int]) -> None:
    first, second = SetChange(one, frozenset()), SetChange(other, frozenset())
    assert second.apply(first.apply(current)) == first.apply(second.apply(current)) == current | one | other


@given(st.frozensets(st.integers(0, 9)), st.frozensets(st.integers(0, 9)), st.frozensets(st.integers(0, 9)))
def test_remove_wins_over_add(current: frozenset[int], add: frozenset[int], remove: frozenset[int]) -> None:
    assert not SetChange(add, remove).apply(current) & remove
