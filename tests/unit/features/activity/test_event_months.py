"""A month is written beside its events until it is known to be there, and never taken away."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from taskapp.features.activity.events import EVENTS, MONTHS, Events
from taskapp.features.tasks.models import Change
from taskapp.kit import clock
from taskapp.writepath.projections import Write, side_by_side

NOVEMBER, DECEMBER = datetime(2026, 11, 30, 23, 59, 59, 999000), datetime(2026, 12, 1)


def events(at: datetime, user_id: uuid.UUID) -> list[Write]:
    return Events().writes(Change(actor=user_id, at=at, change_id=clock.timeuuid(at), kind="updated",
                                  task_id=uuid.uuid4(), version=2))


def months(writes: Sequence[Write]) -> list[Any]:
    return sorted((write.values["user_id"], write.values["month"]) for write in writes if write.projection is MONTHS)


def written(writes: Sequence[Write]) -> list[Write]:
    sent: list[Write] = []
    side_by_side(writes, sent.extend)
    return sent


def test_each_month_once() -> None:
    user = uuid.uuid4()
    sent = written([*events(NOVEMBER, user), *events(NOVEMBER, user), *events(DECEMBER, user)])
    assert [write.projection for write in sent].count(EVENTS) == 3
    assert months(sent) == [(user, datetime(2026, 11, 1)), (user, datetime(2026, 12, 1))]


def test_until_it_is_known_to_be_there() -> None:
    user, other = uuid.uuid4(), uuid.uuid4()

    def fails(_: Sequence[Write]) -> None:
        raise TimeoutError

    # What was sent and not acknowledged counts for nothing.
    with pytest.raises(TimeoutError):
        side_by_side(events(NOVEMBER, user), fails)
    assert months(written(events(NOVEMBER, user))) == [(user, datetime(2026, 11, 1))]
    assert months(written(events(NOVEMBER, user))) == []
    assert months(written(events(DECEMBER, user))) == [(user, datetime(2026, 12, 1))]
    assert months(written(events(NOVEMBER, other))) == [(other, datetime(2026, 11, 1))]


def test_an_event_that_moves_leaves_its_month() -> None:
    def expiry(event: Any) -> list[Any]:
        return [event]

    moving = type(EVENTS)(EVENTS.model, expiry, lambda _: 1, beside=MONTHS)
    old, new = (event for at in (NOVEMBER, DECEMBER) for event in EVENTS.derive(
        Change(actor=uuid.uuid4(), at=at, change_id=clock.timeuuid(at), kind="expired", task_id=uuid.uuid4(),
               version=2)))
    writes = moving.writes(old, new)
    assert [write.removes for write in writes] == [True, False, False]
    assert months(writes) == [(new.user_id, new.month)]


def test_the_same_change_is_the_same_event() -> None:
    at, user = NOVEMBER, uuid.uuid4()
    change = Change(actor=user, at=at, change_id=clock.timeuuid(at), kind="updated", task_id=uuid.uuid4(), version=2)
    assert Events().writes(change) == Events().writes(change.replace())
    assert Events().writes(change)[0].values["event_id"] != events(at, user)[0].values["event_id"]
