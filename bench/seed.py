"""Rows to ask for: the same ones in every contestant's tables, and projects of 1,000 and 100,000 tasks."""

import json
import uuid
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

from cassandra.cluster import Session
from rich.progress import Progress

from bench import floor, tutorial
from taskapp.cassandra import policies as profiles
from taskapp.cassandra.connection import db
from taskapp.cassandra.statement import Answer
from taskapp.features.access import inbox
from taskapp.features.tasks import queries
from taskapp.features.tasks.projections import PROJECTIONS
from taskapp.features.tasks.schemas import DEFAULTS
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.settings import Settings
from taskapp.writepath import projections

DESCRIPTION = "Finish the API implementation, write the tests, read the text once more, and tell the others about it."
PASSWORD = "correct horse battery"
BODY = json.dumps({"title": "Complete project", "description": DESCRIPTION, "status": "pending"})
LISTED = 50
_IDS = uuid.UUID("3c1f0a52-6a55-5b0e-9b3e-5a0c7d1e2f90")
# Statements that are under way at a time, and tasks between two notes of how far it came.
_WINDOW, _NOTE = 256, 5000


def small(session: Session, keyspace: str, *, of_floor: bool) -> uuid.UUID:
    """Make a contestant's tables with 50 rows; return the id of one of them."""
    replication = ("{'class': 'NetworkTopologyStrategy', 'replication_factor': 1}" if of_floor else
                   "{'class': 'SimpleStrategy', 'replication_factor': 1}")
    for text in (f"DROP KEYSPACE IF EXISTS {keyspace}", f"CREATE KEYSPACE {keyspace} WITH replication = {replication}"):
        session.execute(text, timeout=60)
    session.set_keyspace(keyspace)
    for table in floor.TABLES if of_floor else (tutorial.TABLE,):
        session.execute(table, timeout=60)
    ids = [uuid.uuid5(_IDS, str(number)) for number in range(LISTED)]
    now = clock.now()
    if of_floor:
        statements = floor.Statements(session)
        marks = ", ".join("?" * len(floor.COLUMNS))
        put = session.prepare(f"INSERT INTO tasks ({', '.join(floor.COLUMNS)}) VALUES ({marks})")
    for number, task_id in enumerate(ids):
        title, at = f"Task {number}", now - timedelta(minutes=number)
        if of_floor:
            row = floor.row(task_id, title, DESCRIPTION, number, at, labels={"home", "ops"},
                            due_date=now + timedelta(days=number))
            session.execute(put, row)
            session.execute(statements.insert_listed, row)
        else:
            session.execute("INSERT INTO tasks (task_id, title, description, status, due_date, created_at, updated_at) "
                            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                            (task_id, title, DESCRIPTION, "pending", now + timedelta(days=number), at, at))
    return ids[0]


def user(url: str, email: str = "") -> str:
    """Register a user, and return a token."""
    body = {"name": "Bench", "email": email or f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    _post(f"{url}/users/", body)
    token: str = _post(f"{url}/tokens/", {"email": body["email"], "password": PASSWORD})["token"]
    return token


def _post(url: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=10) as answer:
        made: dict[str, Any] = json.load(answer)
    return made


def through_the_service(url: str, token: str = "") -> str:
    """Make 50 tasks by POST; return the id of one of them."""
    task_id = ""
    for number in range(LISTED):
        due = clock.rfc3339(clock.now() + timedelta(days=number))
        body = {**json.loads(BODY), "title": f"Task {number}", "priority": number % 6, "labels": ["home", "ops"],
                "due_date": due}
        task_id = _post(f"{url}/tasks/", body, token)["task_id"]
    return task_id


def project(keyspace: str, size: int) -> None:
    """Fill the inbox of a keyspace with tasks of the last 90 days, in buckets as the service would have made them.

    The rows of the lists alone, since pages read nothing else. It goes on where it was interrupted.
    """
    settings = Settings.from_env(cassandra_keyspace=keyspace, slow_query_ms=60_000, request_timeout=30.0)
    db.close()
    db.connect(settings)
    session = db.session
    notes = f"{keyspace}.bench_seeded"
    session.execute(f"CREATE TABLE IF NOT EXISTS {notes} (size int PRIMARY KEY, done int, at timestamp)", timeout=60)
    known = list(session.execute(f"SELECT done, at FROM {notes} WHERE size = {size}"))
    done, end = (known[0]["done"], known[0]["at"]) if known else (0, clock.now())
    note = session.prepare(f"INSERT INTO {notes} (size, done, at) VALUES (?, ?, ?)")
    with Progress(transient=True) as progress:
        line = progress.add_task(f"{size:,} tasks into {keyspace}", total=size, completed=done)
        flying: deque[Answer] = deque()
        for number in range(done, size):
            for answer in _put(number, size, end, settings.bucket_size):
                flying.append(answer)
            while len(flying) > _WINDOW:
                flying.popleft().rows()
            if (number + 1) % _NOTE == 0 or number + 1 == size:
                while flying:
                    flying.popleft().rows()
                session.execute(note, (size, number + 1, end))
                progress.update(line, completed=number + 1)
    db.close()


def _put(number: int, size: int, end: Any, bucket_size: int) -> Iterator[Answer]:
    owner = BUILT_IN_USER
    project_id, bucket = inbox(owner), number // bucket_size
    at = clock.floor_ms(end - timedelta(days=90) * ((size - number) / size))
    if bucket and number % bucket_size == 0:
        queries.announce_bucket(project_id, bucket, at)
    task = {
        **DEFAULTS, "task_id": uuid.uuid5(_IDS, f"{size} {number}"), "project_id": project_id,
        "title": f"Task {number}", "description": DESCRIPTION, "priority": number % 6,
        "labels": frozenset({"home", "ops"}), "due_date": at + timedelta(days=number % 97, minutes=number % 1009),
        "current_version": 1, "created_by": owner,
        "created_at": at, "updated_at": at, "completed_at": None, "deleted_at": None, "expires_at": None,
        "list_bucket": bucket, "rescheduled_at": None}
    for write in projections.changes(PROJECTIONS, None, task):
        yield Answer("bench.seed", write.bind(), profiles.WRITE, writes=True)
