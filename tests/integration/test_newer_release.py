"""A release with new columns syncs the tables while the old one serves: nobody notices.

Each node then forgets the statements that were prepared for those tables, and the driver prepares them anew.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from cassandra.cqlengine import columns

from taskapp import schema
from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.mapper import Table
from taskapp.cassandra.schema.sync import Schema
from taskapp.settings import Settings
from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client
from tests.fixtures.service import NewService, Service, until

CALLERS = 4


def of_next_release(model: type[Table]) -> type[Table]:
    """Give a table one more column; a table of counters can have none."""
    if any(isinstance(column, columns.Counter) for column in model._columns.values()):
        return model
    return type(model.__name__, (model,), {"__table_name__": model.__table_name__, "added_later": columns.Text()})


def next_release() -> Schema:
    now = schema.current()
    return Schema(now.version + 1, tuple(of_next_release(model) for model in now.models), now.migrations)


@pytest.fixture
def old(new_service: NewService, new_keyspace: Callable[[], str]) -> Service:
    return new_service(TASKAPP_CASSANDRA_KEYSPACE=new_keyspace(), TASKAPP_WORKERS=2)


@pytest.fixture
def settings(old: Service, session: Any, cassandra: Cassandra) -> Iterator[Settings]:
    before, db.keyspace = db.keyspace, old.environment["TASKAPP_CASSANDRA_KEYSPACE"]
    yield replace(Settings(), cassandra_contact_points=(cassandra.address,), cassandra_port=cassandra.port,
                  cassandra_keyspace=db.keyspace)
    db.keyspace = before


class Load:
    """Callers that create, read, change, list and delete until they are told to stop; and what they were answered."""

    def __init__(self, url: str) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self._url, self._stopped = url, threading.Event()

    def _call(self) -> None:
        client = Client(self._url)
        while not self._stopped.is_set():
            made = client.post("/tasks/", json={"title": "Under way", "due_date": "2027-01-01T00:00:00Z"})
            self._note("POST", made.status)
            if made.status == 201:
                path = made.headers["Location"]
                self._note("PATCH", client.patch(path, json={"status": "completed"}).status)
                self._note("GET", client.get(path).status)
                self._note("history", client.get(f"{path}/history").status)
                self._note("DELETE", client.delete(path).status)
            self._note("list", client.get("/tasks/", sort="due_date").status)
        client.close()

    def _note(self, what: str, status: int) -> None:
        self.answers[what, status] += 1

    @property
    def failed(self) -> dict[tuple[str, int], int]:
        return {answer: count for answer, count in self.answers.items() if answer[1] >= 300}

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            self.goes_on()
            yield
            self.goes_on()
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

    def goes_on(self) -> None:
        before = self.answers.total()
        until(lambda: self.answers.total() > before + 50, 30, "the callers get no answers")


def test_a_service_goes_on_while_a_newer_release_adds_columns(old: Service, settings: Settings) -> None:
    load, newer = Load(old.url), next_release()
    with load.running():
        texts = newer.sync(settings)
    added = [text for text in texts if "ALTER TABLE" in text and "added_later" in text]
    assert len(added) >= len(newer.models) - 1
    assert load.failed == {}
    client = Client(old.url)
    # It serves, and a balancer that asks whether it should is told of the newer tables.
    assert "newer than this process" in client.get("/health/ready").problem(503, "unavailable")["detail"]
    assert client.read(client.make("Afterwards"))["title"] == "Afterwards"
    client.close()
    assert "Traceback" not in old.log()


def test_control_a_column_that_goes_is_noticed(old: Service, settings: Settings, session: Any) -> None:
    load = Load(old.url)
    with load.running():
        session.execute(f"ALTER TABLE {settings.cassandra_keyspace}.tasks_by_due DROP title",
                        execution_profile=policies.SCHEMA)
    assert load.failed != {}
