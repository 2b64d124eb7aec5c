"""Named statements: one CQL text each, prepared once per process, measured by name.

    TITLE = Statement("tasks.title", "SELECT title FROM $ks.tasks WHERE task_id = :task_id")
    TITLE.run(task_id=id)              # [("Write",)]
    answer = TITLE.send(task_id=id)    # goes on while the database works
    answer.rows()
"""

import logging
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import ResponseFuture, ResultSet
from cassandra.query import BatchStatement, BatchType, BoundStatement, PreparedStatement
from cassandra.query import Statement as DriverStatement

from taskapp.cassandra import policies, work
from taskapp.cassandra.connection import db
from taskapp.cassandra.errors import CAUGHT, translate
from taskapp.cassandra.metrics import STATEMENT_ERRORS, STATEMENT_SECONDS

log = logging.getLogger(__name__)
# A name's child, found without prometheus_client's lock; names are few.
_seconds = cache(STATEMENT_SECONDS.labels)
Row = tuple[Any, ...]


class Statement:
    """One named CQL text with named bind markers; ``$ks`` stands for the keyspace.

    :param idempotent: whether it may be sent twice; conditional writes may not
    """

    def __init__(self, name: str, cql: str, *, idempotent: bool = True) -> None:
        self.name, self.cql = name, cql
        self.writes = not cql.startswith("SELECT")
        self.idempotent = idempotent
        self.profile = policies.WRITE if self.writes else policies.READ

    def prepare(self) -> PreparedStatement:
        """Prepare it, unless this process has."""
        return db.prepare(self.cql.replace("$ks", db.keyspace))

    def bind(self, **values: Any) -> BoundStatement:
        """Bind every marker by its name; a marker without a value is a KeyError, never a silent null."""
        prepared = self.prepare()
        bound = prepared.bind([values[column.name] for column in prepared.column_metadata])
        bound.is_idempotent = self.idempotent
        return bound

    def send(self, *, consistency: int | None = None, **values: Any) -> "Answer":
        """Send it, and go on; the answer is asked for later."""
        bound = self.bind(**values)
        if consistency is not None:
            bound.consistency_level = consistency
        return Answer(self.name, bound, self.profile, writes=self.writes)

    def run(self, *, consistency: int | None = None, **values: Any) -> list[Row]:
        """Send it and return its rows."""
        return self.send(consistency=consistency, **values).rows()


class Answer:
    """What a statement that was sent will bring."""

    def __init__(self, name: str, statement: DriverStatement, profile: object, *, writes: bool) -> None:
        self.name, self._writes = name, writes
        self._work = work.current()
        self._sent = time.perf_counter()
        self._came: float | None = None
        try:
            self._future: ResponseFuture = db.session.execute_async(
                statement, execution_profile=profile, timeout=_timeout(profile, self._work))
        except CAUGHT as error:
            raise self._failed(error) from error
        self._future.add_callbacks(self._arrived, self._arrived)

    def rows(self) -> list[Row]:
        """Wait for all rows.

        :raise DatabaseUnavailable: nothing was stored
        :raise OutcomeUnknown: a write may have been stored
        """
        return list(self.result())

    def result(self) -> ResultSet:
        """Wait for the driver's result; errors as ``rows``."""
        asked = time.perf_counter()
        try:
            result = self._future.result()
        except CAUGHT as error:
            raise self._failed(error) from error
        finally:
            self._measure(waited=time.perf_counter() - asked)
        return result

    def forget(self) -> None:
        """Let it finish by itself; an error is counted, nothing more."""
        self._future.add_errback(lambda error: STATEMENT_ERRORS.labels(self.name, type(error).__name__).inc())

    def _arrived(self, _: object) -> None:
        self._came = time.perf_counter()

    def _measure(self, waited: float) -> None:
        seconds = (self._came or time.perf_counter()) - self._sent
        _seconds(self.name).observe(seconds)
        if seconds > db.slow_seconds:
            log.warning("slow statement", extra={"statement": self.name, "ms": round(seconds * 1000)})
        if self._work:
            self._work.statements += 1
            # Statements that run side by side are waited for once.
            self._work.seconds += waited

    def _failed(self, error: Exception) -> Exception:
        STATEMENT_ERRORS.labels(self.name, type(error).__name__).inc()
        return translate(error, self.name, writes=self._writes)


def logged_batch(name: str, statements: Iterable[BoundStatement]) -> Answer:
    """Send idempotent writes as one logged batch: all of them happen, sooner or later, or none does."""
    batch = BatchStatement(BatchType.LOGGED)
    for each in statements:
        batch.add(each)
    batch.is_idempotent = True
    return Answer(name, batch, policies.WRITE, writes=True)


def conditional_batch(name: str, statements: Iterable[BoundStatement]) -> Answer:
    """Send conditional writes to one partition: all of them are applied at once, or none is.

    Its answer's first row begins with whether they were.
    """
    batch = BatchStatement(BatchType.LOGGED, serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL)
    for each in statements:
        batch.add(each)
    batch.is_idempotent = False
    return Answer(name, batch, policies.WRITE, writes=True)


def _timeout(profile: object, current: "work.Work | None") -> float:
    limit = db.timeouts[profile]
    return min(limit, current.left()) if current else limit
