"""Whatever the order in which writes arrive, and how often, the lists end as the truth says.

Red when: a projection's timestamp does not grow with the version; `derive.writes` leaves out an old key or a null;
a change writes cells it did not change at its own version; rows of a task that expires are written without an end.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cassandra.query import UNSET_VALUE
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

from taskapp.cassandra.mapper import ttl
from taskapp.features.activity.events import EVENTS
from taskapp.features.tasks import expiry
from taskapp.features.tasks.models import Task
from taskapp.features.tasks.projections import EXPIRED, LISTS, PROJECTIONS
from taskapp.kit import clock
from taskapp.writepath.projections import Projection, Write
from tests.fixtures.cell_table import BEGINNING, CellTable, Rows
from tests.fixtures.task_strategies import History, histories


def expected(projection: Projection, task: Task) -> Rows:
    return {projection.key(row): {name: value or None if name == "labels" or name == "assignees" else value
                                  for name, value in row.as_dict().items() if name not in projection.keys}
            for row in projection.derive(task)}


def applied(projection: Projection, writes: Sequence[Write], at: datetime = BEGINNING) -> Rows:
    table = CellTable(projection)
    for write in writes:
        if write.projection is projection:
            table.apply(write)
    # A map that was never written reads as null, and is shown as an empty one.
    return {key: {name: {} if name == "metadata" and value is None else value for name, value in cells.items()}
            for key, cells in table.rows(at).items()}


_FOUND = settings(max_examples=200, database=None, phases=[Phase.generate])


def check(history: History, writes: Sequence[Write]) -> None:
    for projection in PROJECTIONS:
        assert applied(projection, writes) == expected(projection, history.final)


def shuffled(data: st.DataObject, writes: list[Write]) -> list[Write]:
    repeated = data.draw(st.lists(st.sampled_from(writes), max_size=4)) if writes else []
    return data.draw(st.permutations(writes + repeated))


@settings(max_examples=150)
@given(histories(), st.data())
def test_all_writes_in_any_order(history: History, data: st.DataObject) -> None:
    check(history, shuffled(data, [write for step in history.writes for write in step]))


@settings(max_examples=150)
@given(histories(), st.data())
def test_writes_may_be_lost_when_the_task_is_derived_again(history: History, data: st.DataObject) -> None:
    writes = [write for step in history.writes for write in step if data.draw(st.booleans())]
    for version in data.draw(st.lists(st.integers(1, len(history.versions)), max_size=3)):
        writes += history.derived(version)
    check(history, shuffled(data, writes + history.derived(len(history.versions))))


@given(histories(removed=True), st.data())
def test_a_removed_task_is_in_no_list(history: History, data: st.DataObject) -> None:
    writes = [write for step in history.writes for write in step]
    for version in data.draw(st.lists(st.integers(1, len(history.versions)), max_size=3)):
        writes += history.derived(version)
    check(history, shuffled(data, writes))


@given(histories(removed=True), st.data())
def test_a_removed_task_is_in_no_list_though_writes_were_lost(history: History, data: st.DataObject) -> None:
    writes = [write for step in history.writes for write in step if data.draw(st.booleans())]
    check(history, shuffled(data, writes + history.derived(len(history.versions))))


@given(histories())
def test_deriving_again_is_the_same_however_often(history: History) -> None:
    once = history.derived(len(history.versions))
    assert once == history.derived(len(history.versions))
    for projection in PROJECTIONS:
        assert applied(projection, once) == applied(projection, once * 3)


@given(histories())
def test_timestamps_grow_with_the_version(history: History) -> None:
    for projection in PROJECTIONS:
        stamps = [projection.timestamp(task) for task in history.versions]
        assert stamps == sorted(set(stamps))


@given(histories())
def test_a_create_writes_no_tombstone(history: History) -> None:
    for write in history.writes[0]:
        assert not write.removes
        assert None not in write.values.values()


# -- Expiry

def lossy(data: st.DataObject, history: History) -> list[Write]:
    """Lose writes, derive again between and at the end, and let all of it arrive in any order."""
    writes = [write for step in history.writes for write in step if data.draw(st.booleans())]
    for version in data.draw(st.lists(st.integers(1, len(history.versions)), max_size=2)):
        writes += history.derived(version)
    return shuffled(data, writes + history.derived(len(history.versions)))


def shown(writes: Sequence[Write], at: datetime) -> list[dict[str, Any]]:
    """Give the rows that the lists show at a time (`listing.present`)."""
    rows = [row for each in LISTS[:2] for row in applied(each, writes, at).values()]
    return [row for row in rows if row["expires_at"] is None or row["expires_at"] > at]


@settings(max_examples=150)
@given(histories(), st.data())
def test_a_task_that_is_over_leaves_one_event_and_no_row(history: History, data: st.DataObject) -> None:
    assume(history.final.expires_at)
    writes, gone = lossy(data, history), history.final.expires_at + ttl.WHOLE
    for projection in LISTS:
        assert applied(projection, writes, gone) == {}
    assert applied(EXPIRED, writes, gone) == expected(EXPIRED, history.final) != {}


@settings(max_examples=150)
@given(histories(), st.data())
def test_a_task_that_stays_is_there_for_ever(history: History, data: st.DataObject) -> None:
    assume(not history.final.expires_at)
    writes = lossy(data, history)
    for projection in PROJECTIONS:
        assert applied(projection, writes, datetime.max) == expected(projection, history.final)


@settings(max_examples=150)
@given(histories(), st.data())
def test_nothing_half_expired_is_shown(history: History, data: st.DataObject) -> None:
    assume(history.final.expires_at)
    for writes in (lossy(data, history), shuffled(data, [write for step in history.writes for write in step])):
        for late in range(30):
            assert shown(writes, history.final.expires_at + timedelta(seconds=late)) == []


@given(histories())
def test_the_truth_lives_longer_than_what_tells_when_it_is_over(history: History) -> None:
    task = history.final
    assume(task.expires_at)
    at = task.expires_at - timedelta(seconds=5)
    if task.expires_at < ttl.COUNTED_TO - timedelta(days=2):
        assert expiry.part_ttl(task, at) < expiry.whole_ttl(task, at)
        assert expiry.part_ttl(task, at) >= 5 + expiry.KEPT.total_seconds()


@given(histories())
def test_each_change_is_one_event(history: History) -> None:
    wanted = {(change.actor, change.at, change.kind, change.version) for change in history.changes}
    for writes in ([write for step in history.writes for write in step], history.derived(len(history.versions))):
        found = [write.values for write in writes if write.projection is EVENTS]
        assert len({each["event_id"] for each in found}) == len(found) == len(history.changes)
        assert {(each["user_id"], clock.timeuuid_time(each["event_id"]), each["kind"], each["version"])
                for each in found} == wanted


# Negative controls: the same check sees each of these breaks.

def _agrees(history: History, writes: list[Write]) -> bool:
    return all(applied(each, writes) == expected(each, history.final) for each in PROJECTIONS)


def test_control_a_lost_write_is_seen() -> None:
    find(histories(), lambda history: not _agrees(history, [write for step in history.writes[:-1] for write in step]),
         settings=_FOUND)


def test_control_timestamps_that_stand_still_are_seen() -> None:
    def still(history: History) -> list[Write]:
        writes = [write for step in reversed(history.writes) for write in step]
        return [Write(each.projection, each.removes, {**each.values, "stamp": 7}) for each in writes]

    find(histories(), lambda history: not _agrees(history, still(history)), settings=_FOUND)


def test_control_rows_without_an_end_are_seen() -> None:
    def remain(history: History) -> bool:
        writes = [Write(each.projection, each.removes, each.values) for each in history.derived(len(history.versions))]
        over = history.final.expires_at
        return bool(over and any(applied(each, writes, over + ttl.WHOLE) for each in LISTS))

    find(histories(), remain, settings=_FOUND)


def test_control_an_expiry_that_goes_before_the_rest_is_seen() -> None:
    def half(history: History) -> bool:
        writes = [write for step in history.writes for write in step]
        early = [Write(each.projection, each.removes, each.values, each.ends and each.ends - timedelta(seconds=15))
                 if each.values.get("expires_at", UNSET_VALUE) is not UNSET_VALUE else each for each in writes]
        over = history.final.expires_at
        return bool(over and any(shown(early, over + timedelta(seconds=late)) for late in range(30)))

    find(histories(), half, settings=_FOUND)
