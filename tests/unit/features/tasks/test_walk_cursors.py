"""A cursor has all that a walk must know, and fits what is taken as one."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from taskapp.features.tasks.models import ListedByDueDate
from taskapp.features.tasks.order import Position
from taskapp.features.tasks.walks import MARGIN, MAX_MET, Walk
from taskapp.kit import clock, cursor
from taskapp.kit.parameters import MAX_CURSOR_LENGTH
from tests.fixtures.task_strategies import TIMES

IDS = st.uuids(version=4)
POSITIONS = st.builds(Position, st.booleans(), TIMES, IDS)
MET = st.none() | st.frozensets(IDS.map(str), max_size=MAX_MET)
BEGAN = datetime(2026, 1, 1, 12)


def row(rescheduled_at: datetime | None, task_id: uuid.UUID) -> ListedByDueDate:
    """A row of the list by due date."""
    return ListedByDueDate(task_id=str(task_id), rescheduled_at=rescheduled_at and clock.rfc3339(rescheduled_at))


@given(st.builds(Walk, TIMES, st.none() | POSITIONS, MET, st.booleans()))
def test_a_walk_survives_its_cursor(walk: Walk) -> None:
    sealed = cursor.seal(b"secret", "query", walk.packed())
    assert Walk.unpacked(cursor.open_(b"secret", "query", sealed)) == walk


def test_the_longest_cursor_is_taken() -> None:
    latest = datetime(9999, 12, 31, 23, 59, 59, 999_000)
    met = frozenset(str(uuid.uuid4()) for _ in range(MAX_MET))
    sealed = cursor.seal(b"secret", "query", Walk(latest, Position(True, latest, uuid.uuid4()), met, True).packed())
    assert len(sealed) <= MAX_CURSOR_LENGTH


@given(st.lists(st.tuples(st.none() | st.integers(-20_000, 20_000), IDS), max_size=30))
def test_a_walk_names_those_that_moved_shortly_before_it(moves: list[tuple[int | None, uuid.UUID]]) -> None:
    rows = [row(None if at is None else BEGAN + timedelta(milliseconds=at), task_id) for at, task_id in moves]
    shortly = {str(task_id) for at, task_id in moves if at is not None and -10_000 <= at < 0}
    walk = Walk(BEGAN).meet(rows)
    assert walk.met == (shortly if len(shortly) <= MAX_MET else None)
    assert walk.since == (BEGAN - MARGIN if len(shortly) <= MAX_MET else BEGAN)


def test_it_relies_on_the_clocks_from_then_on() -> None:
    assert replace(Walk(BEGAN), met=None).meet([row(BEGAN - MARGIN, uuid.uuid4())]).met is None
