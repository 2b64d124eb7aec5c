"""The compiled dumps say what `schema.dump` says, for any row."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import page_queries, views
from taskapp.features.tasks.models import Change, ListedTask, Task
from taskapp.features.tasks.schemas import ChangeSchema, TaskSchema, TrashedTaskSchema
from taskapp.kit.dump import compile_dump
from taskapp.writepath.diffs import wire
from tests.fixtures.task_strategies import TIMES, tasks

CHANGES = st.fixed_dictionaries({
    "change_id": st.uuids(version=1), "task_id": st.uuids(), "version": st.integers(1, 2**31 - 1), "at": TIMES,
    "actor": st.uuids(), "kind": st.text(), "diff": st.text()})


def same(compiled: Any, dumped: dict[str, Any]) -> None:
    assert orjson.loads(orjson.dumps(compiled)) == orjson.loads(orjson.dumps(dumped))
    assert list(compiled) == list(dumped)


def listed(task: Task) -> ListedTask:
    """Give the row of a list, as it is read: times and ids as text."""
    read = {name: getattr(task, name) for name in names(ListedTask)}
    return ListedTask(**read | {name: wire(read[name]) for name in page_queries.AS_TEXT})


@given(tasks())
def test_a_task(task: Task) -> None:
    same(views._dump(task), TaskSchema().dump(task))
    same(views._dump_trashed(task), TrashedTaskSchema().dump(task))


@given(tasks())
def test_a_row_of_a_list(task: Task) -> None:
    same(views._dump_listed(listed(task)), TaskSchema().dump(task))
    same(views._dump_listed_trashed(listed(task)), TrashedTaskSchema().dump(task))


@given(CHANGES)
def test_a_change(change: dict[str, Any]) -> None:
    same(views._dump_change(Change(**change)), ChangeSchema().dump(change))


class Wrong(TaskSchema):
    """A schema that shows another field."""

    title = fields.String(attribute="kind")


@given(tasks())
def test_control_a_wrong_field_is_seen(task: Task) -> None:
    class Other:
        """A task that has more."""

        kind = "not the title"

        def __getattr__(self, name: str) -> Any:
            return getattr(task, name)

    with pytest.raises(AssertionError):
        same(compile_dump(Wrong())(Other()), TaskSchema().dump(task))
