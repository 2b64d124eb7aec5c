"""Whatever the order in which writes arrive, and how often, the lists end as the truth says.

Red when: a projection's timestamp does not grow with the version; `derive.writes` leaves out an old key or a null;
a change writes cells it did not change at its own version.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from taskapp.cassandra.projections import Projection, Write
from taskapp.features.tasks import changes
from taskapp.features.tasks.projections import PROJECTIONS, exists
from tests.fixtures.cell_table import CellTable, Rows
from tests.fixtures.task_strategies import History, histories


def expected(projection: Projection, task: dict[str, Any]) -> Rows:
    row = projection.derive(changes.normal(task)) if exists(task) else None
    if row is None:
        return {}
    key = tuple(row[name] for name in projection.keys)
    return {key: {name: value or None if name == "labels" or name == "assignees" else value
                  for name, value in row.items() if name not in projection.keys}}


def applied(projection: Projection, writes: Sequence[Write]) -> Rows:
    table = CellTable(projection)
    for write in writes:
        if write.projection is projection:
            table.apply(write)
    # A map that was never written reads as null, and is shown as an empty one.
    return {key: {name: {} if name == "metadata" and value is None else value for name, value in cells.items()}
            for key, cells in table.rows().items()}


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
