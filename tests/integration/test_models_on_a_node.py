"""What the unit tests take for granted about Cassandra, held against a node."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskapp.cassandra.connection import db
from taskapp.cassandra.mapper import names as columns_of
from taskapp.features.tasks.projections import PROJECTIONS
from taskapp.kit.uuid_order import uuid_key
from taskapp.writepath.projections import Projection, Write
from tests.fixtures.cell_table import CellTable
from tests.fixtures.service import Service
from tests.fixtures.task_strategies import History, histories

_FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def tables(session: Any, service: Service, keyspace: str) -> Any:
    """Let the project's own statements speak to this worker's keyspace."""
    before, db.keyspace = db.keyspace, keyspace
    yield
    db.keyspace = before


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return frozenset(value) if type(value).__name__ == "SortedSet" else value


def stored(projection: Projection, key: tuple[Any, ...]) -> dict[str, Any] | None:
    """Read one row from the node."""
    names = columns_of(projection.model, keys=False) or list(projection.keys[:1])
    where = " AND ".join(f"{name} = ?" for name in projection.keys)
    text = f"SELECT {', '.join(names)} FROM {db.keyspace}.{projection.model.__table_name__} WHERE {where}"
    rows = list(db.session.execute(db.prepare(text).bind(key)))
    if not rows:
        return None
    return {name: plain(value) for name, value in dict(rows[0]).items() if name not in projection.keys}


@_FEW
@given(histories(longest=4), st.data())
def test_the_model_of_a_table_reads_as_the_node_does(history: History, data: st.DataObject) -> None:
    writes = [write for step in history.writes for write in step if data.draw(st.booleans())]
    for version in data.draw(st.lists(st.integers(1, len(history.versions)), max_size=2)):
        writes += history.derived(version)
    # Other ids each time: what an earlier example left must not be there, nor in anybody's lists.
    ids = {name: uuid.uuid4() for name in ("task_id", "project_id", "user_id")}
    writes = [Write(each.projection, each.removes, {**each.values, **ids})
              for each in data.draw(st.permutations(writes))]
    for projection in PROJECTIONS:
        table, keys = CellTable(projection), set()
        for write in (each for each in writes if each.projection is projection):
            table.apply(write)
            db.session.execute(write.bind())
            keys.add(tuple(write.values[name] for name in projection.keys))
        rows = table.rows()
        for key in keys:
            assert stored(projection, key) == rows.get(key)


@_FEW
@given(st.lists(st.uuids() | st.uuids(version=1) | st.uuids(version=4) | st.uuids(version=5), min_size=2, max_size=30,
                unique=True))
def test_uuids_sort_as_the_node_sorts_them(ids: list[uuid.UUID]) -> None:
    # The trash's calendar has a bare uuid as its clustering key.
    partition = {"day": datetime(2001, 1, 1), "shard": uuid.uuid4().int % 2**31}
    insert = db.prepare(f"INSERT INTO {db.keyspace}.trash_by_day (day, shard, task_id) VALUES (?, ?, ?)")
    for each in ids:
        db.session.execute(insert.bind([*partition.values(), each]))
    select = db.prepare(f"SELECT task_id FROM {db.keyspace}.trash_by_day WHERE day = ? AND shard = ?")
    found = [row["task_id"] for row in db.session.execute(select.bind([*partition.values()]))]
    assert found == sorted(ids, key=uuid_key)
