"""A diff says what changed, and leads back; what is stored reads as what was meant."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import changes
from taskapp.features.tasks.models import Task
from taskapp.writepath.diffs import wire
from tests.fixtures.task_strategies import FIELDS, History, histories, tasks


@st.composite
def steps(draw: st.DrawFn) -> tuple[Task, Task]:
    """Two versions of one task."""
    old = draw(tasks())
    changed = draw(st.sets(st.sampled_from([*FIELDS, "completed_at", "deleted_at", "expires_at"])))
    every = {**FIELDS, **dict.fromkeys(("completed_at", "deleted_at", "expires_at"), FIELDS["due_date"])}
    return old, old.replace(**{name: draw(every[name]) for name in changed}, current_version=old.current_version + 1)


@given(steps())
def test_undone_is_the_way_back(step: tuple[Task, Task]) -> None:
    old, new = step
    stored = orjson.dumps(changes.DIFFS.between(old, new)).decode()
    assert changes.DIFFS.undone(new, stored) == old.replace(current_version=new.current_version)


@given(steps())
def test_a_diff_names_what_changed_and_nothing_else(versions: tuple[Task, Task]) -> None:
    old, new = versions
    found = changes.DIFFS.between(old, new)
    both = {name: (getattr(old, name), getattr(new, name)) for name in names(Task)}
    assert set(found) == {name for name, (before, after) in both.items() if before != after} - {"current_version"}
    for name, step in found.items():
        assert tuple(step) == tuple(map(wire, both[name]))


@given(tasks())
def test_nothing_changed_is_an_empty_diff(task: Task) -> None:
    assert changes.DIFFS.between(task, task.replace()) == {}


@given(histories())
def test_undoing_every_change_leads_to_the_first_version(history: History) -> None:
    task = history.final
    for change in reversed(history.changes[1:]):
        task = changes.DIFFS.undone(task, change.diff)
    kept = {name: getattr(task, name) for name in ("current_version", "updated_at", "rescheduled_at")}
    assert task == history.versions[0].replace(**kept)


@given(histories())
def test_the_first_diff_is_from_nothing(history: History) -> None:
    found = orjson.loads(history.changes[0].diff)
    assert all(old in (None, False, [], {}) for old, _ in found.values())
    assert found["title"][1] == history.versions[0].title
