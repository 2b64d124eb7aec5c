"""The floor: what a bare Flask view with one prepared statement costs, without anything that makes a service of it.

The same columns and rows as the service's, the same driver settings, no validation, errors, ids, logs or metrics.
`gunicorn "bench.floor:create_app()"`.
"""

import os
import threading
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
from cassandra.io.libevreactor import LibevConnection
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import dict_factory
from flask import Flask, Response, request

from bench import place

COLUMNS = {
    "task_id": "uuid", "project_id": "uuid", "title": "text", "description": "text", "status": "text",
    "priority": "int", "due_date": "timestamp", "labels": "frozen<set<text>>", "assignees": "frozen<set<uuid>>",
    "parent_id": "uuid", "metadata": "frozen<map<text, text>>", "created_by": "uuid", "created_at": "timestamp",
    "updated_at": "timestamp", "completed_at": "timestamp", "version": "int"}
_NAMES, _MARKS = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
_TYPES = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
TABLES = (
    f"CREATE TABLE IF NOT EXISTS tasks ({_TYPES}, PRIMARY KEY (task_id))",
    f"CREATE TABLE IF NOT EXISTS listed ({_TYPES}, PRIMARY KEY (project_id, created_at, task_id)) "
    "WITH CLUSTERING ORDER BY (created_at DESC, task_id DESC)")
PROJECT = uuid.UUID("00000000-0000-4000-8000-0000000000f1")
_ONCE = threading.Lock()


def connect(keyspace: str) -> Session:
    """Connect as the service does."""
    nearby = TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc=place.LOCAL_DC), shuffle_replicas=True)
    profile = ExecutionProfile(nearby, consistency_level=ConsistencyLevel.LOCAL_QUORUM, row_factory=dict_factory,
                               serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL, request_timeout=2.0)
    cluster = Cluster(list(place.contact_points()), port=place.port(), protocol_version=5,
                      execution_profiles={EXEC_PROFILE_DEFAULT: profile}, connection_class=LibevConnection)
    return cluster.connect(keyspace)


class Statements:
    """The three prepared statements."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.get = session.prepare(f"SELECT {_NAMES} FROM tasks WHERE task_id = ?")
        self.list = session.prepare(f"SELECT {_NAMES} FROM listed WHERE project_id = ? LIMIT 50")
        self.insert = session.prepare(f"INSERT INTO tasks ({_NAMES}) VALUES ({_MARKS}) IF NOT EXISTS")
        self.insert_listed = session.prepare(f"INSERT INTO listed ({_NAMES}) VALUES ({_MARKS})")


@cache
def _connected() -> Statements:
    return Statements(connect(os.environ["BENCH_KEYSPACE"]))


def statements() -> Statements:
    """Connect at the first request: after the fork, and once."""
    with _ONCE:
        return _connected()


def row(task_id: uuid.UUID, title: str, description: str | None, number: int, now: datetime,
        **more: Any) -> list[Any]:
    """Make the values of a task, as the service would."""
    values = {"task_id": task_id, "project_id": PROJECT, "title": title, "description": description,
              "status": "pending", "priority": number % 6, "created_by": PROJECT, "created_at": now,
              "updated_at": now, "version": 1, **more}
    return [values.get(name) for name in COLUMNS]


def create_app() -> Flask:
    """Make the application."""
    app = Flask(__name__, static_folder=None)
    found: dict[str, Statements] = {}

    def ask() -> Statements:
        return found.get("it") or found.setdefault("it", statements())

    @app.get("/tasks/<uuid:task_id>")
    def get(task_id: uuid.UUID) -> Response:
        asked = ask()
        task = asked.session.execute(asked.get, (task_id,)).one()
        return Response(orjson.dumps(task, default=list), 200 if task else 404, content_type="application/json")

    @app.get("/tasks/")
    def list_() -> Response:
        asked = ask()
        tasks = asked.session.execute(asked.list, (PROJECT,)).all()
        return Response(orjson.dumps(tasks, default=list), content_type="application/json")

    @app.post("/tasks/")
    def create() -> Response:
        asked, body = ask(), orjson.loads(request.get_data())
        values = row(uuid.uuid4(), body["title"], body.get("description"), 0, datetime.now(UTC).replace(tzinfo=None))
        asked.session.execute(asked.insert, values)
        return Response(orjson.dumps(dict(zip(COLUMNS, values, strict=True))), 201, content_type="application/json")

    return app
