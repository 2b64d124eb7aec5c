"""A diff says what changed, and leads back; what is stored reads as what was meant."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from taskapp.features.tasks import changes
from taskapp.features.tasks.queries import HISTORY
from tests.fixtures.task_strategies import FIELDS, History, Task, histories, tasks


@st.composite
def steps(draw: st.DrawFn) -> tuple[Task, Task]:
    """Two versions of one task."""
    old = draw(tasks())
    names = draw(st.sets(st.sampled_from([*FIELDS, "completed_at", "deleted_at", "expires_at"])))
    every = {**FIELDS, **dict.fromkeys(("completed_at", "deleted_at", "expires_at"), FIELDS["due_date"])}
    return old, {**old, **{name: draw(every[name]) for name in names}, "current_version": old["current_version"] + 1}


@given(steps())
def test_undone_is_the_way_back(step: tuple[Task, Task]) -> None:
    old, new = step
    stored = orjson.dumps(changes.diff(old, new)).decode()
    back = changes.normal(changes.undone(new, stored))
    assert back == {**changes.normal(old), "current_version": new["current_version"]}


@given(steps())
def test_a_diff_names_what_changed_and_nothing_else(step: tuple[Task, Task]) -> None:
    old, new = step
    found = changes.diff(old, new)
    assert set(found) == {name for name in new if new[name] != old[name]} - {"current_version"}
    for name, (before, after) in found.items():
        assert (before, after) == (changes.wire(old[name]), changes.wire(new[name]))


@given(tasks())
def test_nothing_changed_is_an_empty_diff(task: Task) -> None:
    assert changes.diff(task, dict(task)) == {}
    # What the database returns for an empty set or map is null.
    emptied = {**task, **{name: task[name] or None for name in ("labels", "assignees", "metadata")}}
    assert changes.diff(task, emptied) == {}


@given(histories())
def test_undoing_every_change_leads_to_the_first_version(history: History) -> None:
    task = history.final
    for row in reversed(history.rows[1:]):
        task = changes.normal(changes.undone(task, row[HISTORY.index("diff")]))
    first = history.versions[0]
    kept = {name: task[name] for name in ("current_version", "updated_at", "rescheduled_at")}
    assert task == {**changes.normal(first), **kept}


@given(histories())
def test_the_first_diff_is_from_nothing(history: History) -> None:
    found = orjson.loads(history.rows[0][HISTORY.index("diff")])
    assert all(old in (None, [], {}) for old, _ in found.values())
    assert found["title"][1] == history.versions[0]["title"]
