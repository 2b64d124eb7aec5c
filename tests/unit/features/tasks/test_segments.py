"""A list is segments in order; a position leads back into the segment it was in."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import listing
from taskapp.features.tasks.buckets import Openings
from taskapp.features.tasks.lanes import Segment
from taskapp.features.tasks.listing import SORTS, Listing, segments
from taskapp.features.tasks.models import ListedByDueDate, ListedTask
from taskapp.features.tasks.order import Order, Position
from taskapp.features.tasks.projections import BUCKETS_BY_DUE
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key

START = datetime(2026, 1, 1)
MOMENTS = st.integers(0, 40).map(lambda hours: START + timedelta(hours=hours))
OPENINGS = st.lists(MOMENTS, unique=True, max_size=12).map(lambda times: Openings(tuple(sorted(times))))
PROJECT = uuid.UUID(int=7)


def row(created_at: datetime, due_date: datetime | None, task_id: uuid.UUID, version: int = 1) -> ListedByDueDate:
    """A row of the list by due date."""
    return ListedByDueDate(created_at=clock.rfc3339(created_at), due_date=due_date and clock.rfc3339(due_date),
                           task_id=str(task_id), version=version, sort_date=clock.rfc3339(due_date or created_at))


ROWS = st.builds(row, MOMENTS, st.none() | MOMENTS, st.uuids(version=4))


def read(sort: str, of: ListedByDueDate) -> ListedTask:
    """Give the row that a list of an order has."""
    if sort.endswith("due_date"):
        return of
    return ListedTask(**{name: value for name, value in of.as_dict().items() if name in names(ListedTask)})


@given(OPENINGS, MOMENTS)
def test_buckets_hold_disjoint_spans(openings: Openings, at: datetime) -> None:
    bucket = openings.bucket(at)
    assert 0 <= bucket < openings.count
    assert all(opened <= at for opened in openings.times[:bucket])
    assert all(opened > at for opened in openings.times[bucket:])


@given(OPENINGS, st.lists(MOMENTS, min_size=2))
def test_buckets_follow_time(openings: Openings, times: list[datetime]) -> None:
    found = [openings.bucket(at) for at in sorted(times)]
    assert found == sorted(found)


def order_of(sort: str) -> Order:
    return Listing((PROJECT,), sort=sort).order


def every_segment(sort: str, openings: Openings, after: Position | None = None) -> list[Segment]:
    return list(segments(PROJECT, False, order_of(sort), openings, after))


@given(OPENINGS, st.sampled_from(["created_at", "-created_at"]))
def test_by_creation_a_bucket_is_a_segment(openings: Openings, sort: str) -> None:
    found = every_segment(sort, openings)
    buckets = [partition["bucket"] for segment in found for partition in segment.partitions]
    order = list(range(openings.count))
    assert buckets == (order[::-1] if sort.startswith("-") else order)
    assert all(len(segment.partitions) == 1 for segment in found)


@given(OPENINGS, st.sampled_from(["due_date", "-due_date"]))
def test_by_due_date_those_without_one_come_last(openings: Openings, sort: str) -> None:
    dated, undated = every_segment(sort, openings)
    assert (dated.begin.dated, undated.begin.dated) == (True, False)
    needed = {bucket // BUCKETS_BY_DUE for bucket in range(openings.count)}
    assert {partition["bucket"] for partition in dated.partitions} == needed
    assert {partition["dated"] for partition in undated.partitions} == {False}


@given(OPENINGS, st.sampled_from(SORTS), ROWS)
def test_after_a_position_come_its_segment_and_the_later_ones(openings: Openings, sort: str, of: ListedByDueDate
                                                             ) -> None:
    order, of = order_of(sort), read(sort, of)
    every = every_segment(sort, openings)
    rest = every_segment(sort, openings, order.position(of))
    assert rest == every[len(every) - len(rest):]
    if order.by_due:
        assert rest[0].begin.dated == (of.due_date is not None)
    else:
        assert rest[0].partitions[0]["bucket"] == openings.bucket(clock.parsed(of.created_at))


@given(OPENINGS, st.sampled_from(SORTS))
def test_a_segment_begins_after_those_before_it(openings: Openings, sort: str) -> None:
    # A page whose time is over between two segments goes on where the next one begins.
    every, order = every_segment(sort, openings), order_of(sort)
    for number, segment in enumerate(every):
        rest = every_segment(sort, openings, segment.begin)
        assert segment in rest
        assert len(rest) <= len(every) - number + 1
    begins = [order.rank(segment.begin) for segment in every]
    assert begins == sorted(begins, reverse=order.descending)


@given(st.sampled_from(SORTS), ROWS)
def test_a_position_survives_its_cursor(sort: str, of: ListedByDueDate) -> None:
    there = order_of(sort).position(read(sort, of))
    assert Position.unpacked(there.packed()) == there


@given(st.sampled_from(SORTS), st.lists(ROWS, unique_by=lambda each: each.task_id, max_size=12), st.integers(1, 4))
def test_a_merge_is_the_sorted_whole(sort: str, rows: list[ListedByDueDate], streams: int) -> None:
    order, found = order_of(sort), [read(sort, each) for each in rows]

    def key(each: ListedTask) -> Any:
        at = order.position(each)
        return at.key, uuid_key(at.task_id)

    parts = [[each for each in found if order.position(each).dated is dated] for dated in (True, False)]
    ordered = [each for part in parts for each in sorted(part, key=key, reverse=order.descending)]
    dealt = [ordered[start::streams] for start in range(streams)]
    assert list(order.merged(dealt)) == ordered
    for number, each in enumerate(ordered):
        assert order.up_to(ordered, order.position(each)) == ordered[:number + 1]


@given(MOMENTS, st.uuids(version=4))
def test_of_two_rows_of_one_task_the_newer_stands(at: datetime, task_id: uuid.UUID) -> None:
    old, new = row(at, None, task_id, 3), row(at, None, task_id, 4)
    for rows in ([old, new], [new, old]):
        assert listing._once(order_of("due_date"), rows) == [new]
