"""A narrowing lets every task pass that meets its expression.

Red when: a mark that a task lacks is asked for; a bound excludes its own moment; `!` of a comparison with null narrows.
"""

import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taskapp.features.tasks import filters, listing, marks
from taskapp.features.tasks.filters import EVERYTHING, Expression, Term
from taskapp.features.tasks.models import Task
from taskapp.features.tasks.narrowing import MAX_CONJUNCTIONS, Narrowing, narrowed
from taskapp.features.tasks.schemas import STATUSES
from taskapp.kit.filter_syntax import And, Not, Or
from taskapp.writepath.diffs import wire

START = datetime(2026, 1, 1)
TIMES = st.integers(0, 5).map(lambda days: START + timedelta(days=days))
USERS = st.sampled_from([uuid.UUID(int=each) for each in (1, 2, 3)])
LABELS = st.sampled_from(["ops", "home", "x"])
ORDER = st.sampled_from(["<", "<=", ">", ">=", "="])
TASKS = st.builds(
    Task, task_id=st.uuids(version=4), current_version=st.integers(1, 3), project_id=st.just(uuid.UUID(int=7)),
    title=st.sampled_from(["a report", "Café plan", "plan"]), description=st.none() | st.just("report"),
    status=st.sampled_from(STATUSES), priority=st.integers(0, 5), due_date=st.none() | TIMES, all_day=st.booleans(),
    labels=st.frozensets(LABELS), assignees=st.frozensets(USERS), parent_id=st.none() | USERS, created_by=USERS,
    created_at=TIMES, updated_at=TIMES, list_bucket=st.just(0))
TERMS = st.one_of(
    st.builds(lambda value: Term("status", "=", (value,)), st.sampled_from(STATUSES)),
    st.builds(lambda values: Term("status", "in", tuple(values)), st.lists(st.sampled_from(STATUSES), min_size=1)),
    st.builds(lambda order, value: Term("priority", order, (value,)), ORDER, st.integers(-1, 6)),
    st.builds(lambda field, order, at: Term(field, order, (wire(at),)), st.sampled_from(["due_date", "created_at"]),
              ORDER, TIMES),
    st.builds(lambda field: Term(field, "=", (None,)), st.sampled_from(
        ["due_date", "labels", "assignees", "parent_id", "completed_at"])),
    st.builds(lambda value: Term("labels", "has", (value,)), LABELS),
    st.builds(lambda value: Term("assignees", "has", (value,)), USERS),
    st.builds(lambda value: Term("parent_id", "=", (str(value),)), USERS),
    st.builds(lambda word: Term("words", "has", (word,)), st.sampled_from(["report", "cafe", "plan"])),
    st.builds(lambda order: Term("version", order, (2,)), ORDER))
EXPRESSIONS = st.recursive(TERMS, lambda inner: st.one_of(
    st.builds(Not, inner), st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=1, max_size=3))), max_leaves=8)


def passes(task: Task, narrowing: Narrowing) -> bool:
    """Tell whether the tables would find a task by a narrowing."""
    has = marks.of_task(task, with_words=True)
    bounds = ((task.due_date, narrowing.due), (task.created_at, narrowing.created))
    least, most = min(narrowing.priorities), max(narrowing.priorities)
    return (task.status in narrowing.statuses and least <= task.priority <= most
            and all(has & set(group) for group in narrowing.anchors) and has.issuperset(narrowing.words)
            and all(within(at, *bound) for at, bound in bounds))


def within(at: datetime | None, low: datetime | None, high: datetime | None) -> bool:
    if at is None:
        return low is None and high is None
    return (low is None or low <= at) and (high is None or at <= high)


@settings(max_examples=1500)
@given(TASKS, EXPRESSIONS)
def test_what_meets_an_expression_passes(task: Task, expression: Expression) -> None:
    found = narrowed(expression)
    assume(found is not None)
    assert found is not None
    assert len(found) <= MAX_CONJUNCTIONS
    if filters.matcher(expression)(listing._row(task)):
        assert any(passes(task, each) for each in found)


@given(TASKS, EXPRESSIONS)
def test_not_is_the_opposite(task: Task, expression: Expression) -> None:
    row = listing._row(task)
    assert filters.matcher(Not(expression))(row) is not filters.matcher(expression)(row)


def test_everything_is_narrowed_by_nothing() -> None:
    only, = narrowed(EVERYTHING) or ()
    assert (only.anchors, only.words, only.due, only.created) == ((), (), (None, None), (None, None))


def test_what_nothing_can_meet_is_not_looked_for() -> None:
    assert narrowed(And((Term("status", "=", ("pending",)), Term("status", "=", ("completed",))))) == []
    assert narrowed(Or(())) == []


def test_too_many_branches_are_not_narrowed() -> None:
    either = Or(tuple(Term("labels", "has", (str(each),)) for each in range(2)))
    assert len(narrowed(And((either,) * 3)) or ()) == 3
    others = [Or(tuple(Term("labels", "has", (f"{name}{each}",)) for each in range(2))) for name in "abcd"]
    assert len(narrowed(And(tuple(others[:3]))) or ()) == 8
    assert narrowed(And(tuple(others))) is None


@pytest.mark.parametrize(("expression", "anchors"), [
    (Term("priority", ">=", (3,)), (("p:3", "p:4", "p:5"),)),
    (Not(Term("status", "=", ("completed",))), (("s:pending", "s:in_progress", "s:cancelled"),)),
    (Term("status", "in", marks.OPEN_STATUSES), ((marks.OPEN,),)),
    (Not(Term("labels", "has", ("ops",))), ()), (Term("title", "=", ("x",)), ())])
def test_anchors(expression: Expression, anchors: tuple[tuple[str, ...], ...]) -> None:
    assert [each.anchors for each in narrowed(expression) or ()] == [anchors]
