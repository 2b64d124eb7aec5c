"""Whoever repeats a request names the same changes and the same things, each once."""

import uuid
from datetime import datetime

from taskapp.kit.operation import Operation

ACTOR, AT = uuid.uuid4(), datetime(2026, 11, 25, 12, 0, 0, 123_000)


def asked(key: str = "key", *, repeated: bool = False) -> Operation:
    return Operation.keyed(ACTOR, key, AT, repeated=repeated)


def test_a_repeat_names_the_same_change_and_thing() -> None:
    first, again = asked(), asked(repeated=True)
    assert (first.change_id, first.new_id) == (again.change_id, again.new_id)
    assert asked("other").change_id != first.change_id


def test_children_differ_and_are_the_same_in_a_repeat() -> None:
    first = [asked().child(number) for number in range(1000)]
    assert len({each.change_id for each in (asked(), *first)} | {each.new_id for each in (asked(), *first)}) == 2002
    again = [asked(repeated=True).child(number) for number in range(1000)]
    assert [each.change_id for each in first] == [each.change_id for each in again]
    assert all(each.repeated and each.at == AT for each in again)
