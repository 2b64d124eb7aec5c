"""PATCH is RFC 7396, PUT replaces the tutorial's four fields, and the service's own members stay its own."""

import copy
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.features.tasks import edits
from taskapp.features.tasks.edits import completion
from taskapp.features.tasks.models import Task
from taskapp.features.tasks.schemas import DEFAULTS, READ_ONLY, STATUSES, TaskSchema
from taskapp.kit.problem import Problem
from tests.fixtures.task_strategies import LINES, tasks

AT = datetime(2026, 11, 21)
DUMP = TaskSchema()
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "title": LINES, "description": st.none() | _TEXTS, "status": st.none() | st.sampled_from(STATUSES),
    "priority": st.none() | st.integers(0, 5), "due_date": st.none() | st.just("2027-01-15T12:00:00.000Z"),
    "labels": st.none() | st.lists(LINES, max_size=3, unique=True).map(sorted),
    "metadata": st.none() | st.dictionaries(LINES, st.none() | LINES, max_size=3)}
PATCHES = st.fixed_dictionaries({}, optional=MEMBERS)


def merge(target: Any, patch: Any) -> Any:
    """Do what the pseudocode of RFC 7396, section 2 says."""
    if not isinstance(patch, dict):
        return patch
    target = copy.deepcopy(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge(target.get(name), value)
    return target


def patched(task: Task, body: Any) -> Task:
    return edits.patched(task, edits.patch(body), AT)


def replaced(task: Task, body: Any) -> Task:
    return edits.replaced(task, edits.replacement(body), AT)


def shown(task: Task) -> dict[str, Any]:
    return DUMP.dump(task)


@given(tasks(), PATCHES)
def test_patch_is_merge_patch(task: Task, patch: dict[str, Any]) -> None:
    wire_defaults = shown(task.replace(**DEFAULTS))
    merged = merge(shown(task), patch)
    # A member that is taken away gets its default, since every member is always shown.
    wanted = {name: merged.get(name, wire_defaults[name]) for name in shown(task)}
    if "due_date" in patch:
        # It is a time, or none.
        wanted["all_day"] = False
    assert shown(patched(task, patch)) == wanted


@given(tasks(), PATCHES)
def test_patching_twice_is_patching_once(task: Task, patch: dict[str, Any]) -> None:
    once = patched(task, patch)
    assert patched(once, patch) == once


@given(tasks(), st.lists(LINES, max_size=3), st.lists(LINES, max_size=3), st.lists(LINES, max_size=3))
def test_two_clients_that_add_labels_keep_both(task: Task, one: list[str], other: list[str], gone: list[str]) -> None:
    first, second = {"labels": {"add": one}}, {"labels": {"add": other}}
    assert patched(patched(task, first), second) == patched(patched(task, second), first)
    assert patched(patched(task, first), second).labels == task.labels | set(one) | set(other)
    removed = patched(task, {"labels": {"add": one, "remove": gone}})
    assert removed.labels == (task.labels | set(one)) - set(gone)


@given(tasks())
def test_put_resets_the_four_and_keeps_the_rest(task: Task) -> None:
    new = replaced(task, {"title": "Put"})
    changed = {"title": "Put", "description": None, "status": "pending", "due_date": None, "all_day": False}
    assert new == task.replace(**changed)


@given(tasks())
def test_an_edited_get_can_be_sent_back(task: Task) -> None:
    for edit in (replaced, patched):
        assert edit(task, shown(task)) == task
        assert edit(task, {**shown(task), "title": "Edited"}) == task.replace(title="Edited")


@pytest.mark.parametrize("name", READ_ONLY)
@given(task=tasks())
def test_members_of_the_service_cannot_be_changed(name: str, task: Task) -> None:
    current = shown(task)[name]
    for other in ("2001-01-01T00:00:00.000Z", 0, True, "", [current], None if current is not None else "x"):
        for edit in (replaced, patched):
            with pytest.raises(Problem) as caught:
                edit(task, {**shown(task), name: other})
            assert caught.value.code == "read_only"
            assert [error["pointer"] for error in caught.value.errors or ()] == [f"/{name}"]


@pytest.mark.parametrize("patch", [
    {"title": None}, {"title": ""}, {"status": "done"}, {"priority": 6}, {"priority": "3"}, {"labels": "x"}, {"x": 1},
    {"labels": [None]}, {"labels": {"add": [1]}}, {"metadata": {"k": 1}}, {"metadata": []}, {"project_id": None}])
def test_what_a_patch_cannot_hold(patch: dict[str, Any]) -> None:
    task = Task(**DEFAULTS, title="t", current_version=1)
    with pytest.raises(Problem) as caught:
        patched(task, patch)
    assert caught.value.code == "invalid"


def test_a_patch_cannot_fill_a_set_or_map_beyond_its_bound() -> None:
    task = Task(**DEFAULTS, title="t").replace(labels=frozenset(map(str, range(50))), metadata=dict.fromkeys("abc", ""))
    patched(task, {"labels": {"add": ["new"], "remove": ["0"]}})
    for patch, name in (({"labels": {"add": ["new"]}}, "labels"),
                        ({"metadata": {f"k{index}": "" for index in range(48)}}, "metadata")):
        with pytest.raises(Problem) as caught:
            patched(task, patch)
        assert [error["pointer"] for error in caught.value.errors or ()] == [f"/{name}"]


@given(tasks(), st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_completed_at_follows_the_status(task: Task, was: str, becomes: str) -> None:
    old = completion(None, task.replace(status=was, completed_at=None), datetime(2020, 1, 1))
    new = completion(old, old.replace(status=becomes), AT)
    assert (old.completed_at is not None) == (was == "completed")
    if becomes != "completed":
        assert new.completed_at is None
    else:
        assert new.completed_at == (old.completed_at or AT)
