"""The tutorial's application, written anew with the tutorial's ways: what a reader of it would have.

`uvicorn bench.tutorial:one_session` shares one session; `uvicorn bench.tutorial:as_published` opens a cluster for each
request and closes it, as the published code does. Blocking calls in `async def`, unprepared statements, the driver's
defaults, local times, a list that reads the whole table.
"""

import os
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from cassandra.cluster import Cluster, Session
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

from bench import place

TABLE = ("CREATE TABLE IF NOT EXISTS tasks (task_id uuid PRIMARY KEY, title text, description text, status text, "
         "due_date timestamp, created_at timestamp, updated_at timestamp)")


class TaskCreate(BaseModel):
    title: str
    description: str | None = None
    status: str = "pending"
    due_date: datetime | None = None


class Task(TaskCreate):
    task_id: uuid.UUID
    created_at: datetime
    updated_at: datetime


def _open() -> tuple[Cluster, Session]:
    cluster = Cluster(list(place.contact_points()), port=place.port())
    return cluster, cluster.connect(os.environ["BENCH_KEYSPACE"])


async def _per_request() -> AsyncIterator[Session]:
    cluster, session = _open()
    try:
        yield session
    finally:
        cluster.shutdown()


def _application(*, shared: bool) -> FastAPI:
    app = FastAPI()
    opened: list[Session] = []

    def the_session() -> Session:
        if not opened:
            opened.append(_open()[1])
        return opened[0]

    async def one() -> Session:
        return the_session()

    Database = Annotated[Session, Depends(one if shared else _per_request)]

    @app.post("/tasks/", response_model=Task)
    async def create_task(task: TaskCreate, session: Database):
        task_id, now = uuid.uuid4(), datetime.now()
        session.execute(
            "INSERT INTO tasks (task_id, title, description, status, due_date, created_at, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (task_id, task.title, task.description, task.status, task.due_date, now, now))
        return Task(task_id=task_id, created_at=now, updated_at=now, **task.model_dump())

    @app.get("/tasks/", response_model=list[Task])
    async def get_tasks(session: Database):
        return [Task(**row._asdict()) for row in session.execute("SELECT * FROM tasks")]

    @app.get("/tasks/{task_id}", response_model=Task)
    async def get_task(task_id: uuid.UUID, session: Database):
        row = session.execute("SELECT * FROM tasks WHERE task_id = %s", (task_id,)).one()
        if row is None:
            raise HTTPException(status_code=404, detail="Task not found")
        return Task(**row._asdict())

    return app


one_session = _application(shared=True)
as_published = _application(shared=False)
