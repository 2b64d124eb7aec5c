"""The operations that one request asks for, as a batch does, each have ids of their own, the same in a repeat."""

import uuid
from datetime import datetime

from taskapp.kit.operation import Operation

ACTOR, AT = uuid.uuid4(), datetime(2026, 11, 25, 12, 0, 0, 123_000)


def asked(*, repeated: bool = False) -> Operation:
    return Operation.keyed(ACTOR, "key", AT, repeated=repeated)


def test_children_differ_and_are_the_same_in_a_repeat() -> None:
    first = [asked().child(number) for number in range(1000)]
    assert len({each.change_id for each in (asked(), *first)} | {each.new_id for each in (asked(), *first)}) == 2002
    again = [asked(repeated=True).child(number) for number in range(1000)]
    assert [each.change_id for each in first] == [each.change_id for each in again]
    assert all(each.repeated and each.at == AT for each in again)
