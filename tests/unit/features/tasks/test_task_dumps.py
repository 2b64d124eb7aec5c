"""The compiled dumps say what `schema.dump` says, for any row."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from taskapp.features.tasks import changes, queries, views
from taskapp.features.tasks.schemas import ChangeSchema, TaskSchema, TrashedTaskSchema
from taskapp.kit.dump import compile_dump
from tests.fixtures.task_strategies import TIMES, Task, tasks

CHANGES = st.fixed_dictionaries({
    "change_id": st.uuids(version=1), "task_id": st.uuids(), "version": st.integers(1, 2**31 - 1), "at": TIMES,
    "actor": st.uuids(), "kind": st.text(), "diff": st.text()})


def same(compiled: Any, dumped: dict[str, Any]) -> None:
    assert orjson.loads(orjson.dumps(compiled)) == orjson.loads(orjson.dumps(dumped))
    assert list(compiled) == list(dumped)


def as_database(task: Task) -> Task:
    """Give what the driver returns: null for what is empty."""
    return {**task, **{name: task[name] or None for name in ("labels", "assignees", "metadata")}}


def row(task: Task) -> tuple[Any, ...]:
    """Give a row as the node does: times and ids as text."""
    values = {**task, "version": task["current_version"]}
    return tuple(changes.wire(values[name]) if name in queries.AS_TEXT else values[name]
                 for name in queries.PAGE_COLUMNS)


@given(tasks())
def test_a_task(task: Task) -> None:
    wanted = TaskSchema().dump({**task, "version": task["current_version"]})
    same(views._dump(task), wanted)
    same(views._dump(as_database(task)), wanted)


@given(tasks())
def test_a_row_of_a_list(task: Task) -> None:
    wanted = {**task, "version": task["current_version"]}
    same(views._dump_row(row(as_database(task))), TaskSchema().dump(wanted))
    same(views._dump_trashed_row(row(task)), TrashedTaskSchema().dump(wanted))
    same(views._dump_trashed(task), TrashedTaskSchema().dump(wanted))


@given(CHANGES)
def test_a_change(change: dict[str, Any]) -> None:
    same(views._dump_change(tuple(change[name] for name in queries.HISTORY)), ChangeSchema().dump(change))


def test_a_field_without_a_place_is_refused() -> None:
    class Thing(Schema):
        name = fields.String()

    with pytest.raises(KeyError):
        compile_dump(Thing(), {})


@given(tasks())
def test_control_a_wrong_place_is_seen(task: Task) -> None:
    wrong = compile_dump(TaskSchema(), {**views._by_name, "title": "status"})
    with pytest.raises(AssertionError):
        same(wrong({**task, "title": "not a status"}), TaskSchema().dump(
            {**task, "title": "not a status", "version": task["current_version"]}))
