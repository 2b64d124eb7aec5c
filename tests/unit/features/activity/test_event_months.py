"""A month is written beside its events until it is known to be there, and never taken away."""

import uuid
from datetime import datetime

from taskapp.cassandra.projections import Write
from taskapp.features.activity import events
from taskapp.features.tasks.models import Change
from taskapp.kit import clock

USER = uuid.uuid4()


def change(at: datetime, user_id: uuid.UUID = USER) -> Change:
    return Change(actor=user_id, at=at, change_id=clock.timeuuid(at), kind="updated", task_id=uuid.uuid4(), version=2)


def months(writes: list[Write]) -> list[events.Month]:
    return sorted((write.values["user_id"], write.values["month"]) for write in writes
                  if write.projection is events.MONTHS)


NOVEMBER, DECEMBER = datetime(2026, 11, 30, 23, 59, 59, 999000), datetime(2026, 12, 1)


def test_each_month_once() -> None:
    writes = [*events.of(change(NOVEMBER)), *events.of(change(NOVEMBER)), *events.of(change(DECEMBER))]
    found = events.with_months(writes)
    assert found[:3] == writes
    assert months(found) == [(USER, datetime(2026, 11, 1)), (USER, datetime(2026, 12, 1))]


def test_until_it_is_known_to_be_there() -> None:
    known, other = events.Months(), uuid.uuid4()
    writes = known.named(events.of(change(NOVEMBER)))
    # What was sent and not acknowledged counts for nothing.
    assert months(known.named(events.of(change(NOVEMBER)))) == [(USER, datetime(2026, 11, 1))]
    known.stored(writes)
    assert months(known.named(events.of(change(NOVEMBER)))) == []
    assert months(known.named(events.of(change(DECEMBER)))) == [(USER, datetime(2026, 12, 1))]
    assert months(known.named(events.of(change(NOVEMBER, other)))) == [(other, datetime(2026, 11, 1))]


def test_an_event_that_is_taken_away_needs_no_month() -> None:
    (event,) = events.of(change(NOVEMBER))
    assert events.with_months([Write(event.projection, True, event.values)]) == [
        Write(event.projection, True, event.values)]


def test_the_same_change_is_the_same_event() -> None:
    done = change(NOVEMBER)
    assert events.of(done) == events.of(done.replace())
    assert events.of(done)[0].values["event_id"] != events.of(change(NOVEMBER))[0].values["event_id"]
