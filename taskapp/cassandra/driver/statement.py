"""Named statements: one CQL text each, prepared once per process, measured by name.

    TITLE = Statement("tasks.title", "SELECT title FROM $ks.tasks WHERE task_id = :task_id")
    TITLE.run(task_id=id)              # [("Write",)]
    answer = TITLE.send(task_id=id)    # returns while the database works
    answer.rows()
"""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from cassandra import ConsistencyLevel, InvalidRequest, OperationTimedOut
from cassandra.cluster import NoHostAvailable, ResponseFuture, ResultSet
from cassandra.query import BatchStatement, BatchType, BoundStatement, PreparedStatement
from cassandra.query import Statement as DriverStatement

from taskapp.cassandra.driver import internals, policies, tracing, work
from taskapp.cassandra.driver.connection import SMALL_BATCH, db
from taskapp.cassandra.driver.metrics import STATEMENT_ERRORS, STATEMENT_SECONDS
from taskapp.cassandra.errors import CAUGHT, BatchTooLarge, DatabaseUnavailable, is_failure, translate

log = logging.getLogger(__name__)
# The metric's child for a name, found without prometheus_client's lock; names are few.
_seconds = cache(STATEMENT_SECONDS.labels)
Row = tuple[Any, ...]
# The share of the request's remaining time that a conditional write may take; the rest is for the serial read that
# determines its outcome, through another coordinator if this one hangs.
CONDITIONAL_SHARE = 0.6


# All statements of the imported modules, in order of creation.
registered: list["Statement"] = []


class Statement:
    """One named CQL text with named bind markers; ``$ks`` stands for the keyspace.

    :param idempotent: whether it may be sent twice; conditional writes may not
    """

    def __init__(self, name: str, cql: str, *, idempotent: bool = True) -> None:
        self.name, self.cql = name, cql
        self.writes = not cql.startswith("SELECT")
        self.idempotent = idempotent
        self.profile = policies.WRITE if self.writes else policies.READ
        self._share = CONDITIONAL_SHARE if " IF " in cql else 1.0
        registered.append(self)

    def prepare(self) -> PreparedStatement:
        """Prepare it, unless this process already has."""
        return db.prepare(self.cql.replace("$ks", db.keyspace))

    def values(self, *row: Any, **values: Any) -> dict[str, Any]:
        """Return the values of the markers: a row's columns, and those given by name."""
        return {**row[0].as_dict(), **values} if row else values

    def bind(self, *row: Any, **values: Any) -> BoundStatement:
        """Bind every marker by name; one without a value is a KeyError, never a silent null.

        :param row: a row whose columns are values too
        """
        prepared, given = self.prepare(), self.values(*row, **values)
        bound = prepared.bind([given[column.name] for column in prepared.column_metadata])
        bound.is_idempotent = self.idempotent
        return bound

    def send(self, *row: Any, consistency: int | None = None, **values: Any) -> "Answer":
        """Send it without waiting for the answer."""
        bound = self.bind(*row, **values)
        if consistency is not None:
            bound.consistency_level = consistency
        return Answer(self.name, bound, self.profile, writes=self.writes, share=self._share)

    def run(self, *row: Any, consistency: int | None = None, **values: Any) -> list[Row]:
        """Send it and return its rows."""
        return self.send(*row, consistency=consistency, **values).rows()

    def tell(self, *row: Any, **values: Any) -> None:
        """Send it without waiting, on its own time rather than the request's; failures are only counted."""
        with work.apart(), suppress(DatabaseUnavailable):
            self.send(*row, **values)


class Answer:
    """The pending answer to a statement that was sent.

    If it may not be sent, because there is no connection, the circuit breaker is open or the request's time is used
    up, that is raised when its rows are asked for.

    :param share: the share of the request's remaining time that it may take
    """

    def __init__(self, name: str, statement: DriverStatement, profile: object, *, writes: bool,
                 paging_state: bytes | None = None, share: float = 1.0) -> None:
        self.name, self._statement, self._writes = name, statement, writes
        self._work, self._breaker = work.current(), db.breaker
        self._sent = time.perf_counter()
        self._came: float | None = None
        self._refusal: DatabaseUnavailable | None = None
        try:
            self._future = self._send(profile, paging_state, share)
        except DatabaseUnavailable as refusal:
            STATEMENT_ERRORS.labels(name, type(refusal).__name__).inc()
            self._refusal = refusal
            return
        self._future.add_callbacks(self._arrived, self._broke)
        tracing.note(name, statement, self._future, self._sent)

    def _send(self, profile: object, paging_state: bytes | None, share: float) -> ResponseFuture:
        session, timeout = db.session, db.timeouts[profile]
        if self._work:
            if self._work.over:
                raise DatabaseUnavailable(f"{self.name}: the request's time is used up")
            timeout = min(timeout, self._work.left() * share)
        self._pass = self._enter()
        try:
            return session.execute_async(self._statement, trace=tracing.wanted(), execution_profile=profile,
                                         timeout=timeout, paging_state=paging_state)
        except BaseException:
            self._breaker.leave(self._pass, failed=True)
            raise

    def _enter(self) -> int | None:
        if self._statement.consistency_level is None:
            return self._breaker.enter()
        # That a consistency level of the caller's choice cannot be met says nothing about the database.
        self._breaker.enter_unmeasured()
        return None

    def rows(self) -> list[Row]:
        """Wait for all rows.

        :raise DatabaseUnavailable: nothing was stored
        :raise OutcomeUnknown: a write may have been stored
        """
        return list(self.result())

    def result(self) -> ResultSet:
        """Wait for the driver's result; raise what ``rows`` raises."""
        if self._refusal:
            raise self._refusal
        asked = time.perf_counter()
        try:
            result = self._future.result()
        except CAUGHT as error:
            if self._work and isinstance(error, OperationTimedOut):
                self._work.silent.add(internals.current_host(self._future))
            raise translate(error, self.name, writes=self._writes, tries=self._tries(error)) from error
        finally:
            self._measure(waited=time.perf_counter() - asked)
        return result

    def _arrived(self, _: object) -> None:
        self._came = time.perf_counter()
        self._breaker.leave(self._pass, failed=False)

    def _broke(self, error: Exception) -> None:
        self._came = time.perf_counter()
        STATEMENT_ERRORS.labels(self.name, type(error).__name__).inc()
        self._breaker.leave(self._pass, failed=is_failure(error))

    def _tries(self, last: Exception) -> list[object]:
        """List what each node that it was sent to said; None for a node that did not answer."""
        said: dict[Any, object] = dict(internals.errors(self._future))
        if not isinstance(last, NoHostAvailable):
            said[internals.current_host(self._future)] = last
        return [said.get(host) for host in self._future.attempted_hosts]

    def _measure(self, waited: float) -> None:
        seconds = (self._came or time.perf_counter()) - self._sent
        _seconds(self.name).observe(seconds)
        if seconds > db.slow_seconds:
            log.warning("slow statement", extra={"statement": self.name, "ms": round(seconds * 1000, 1),
                                                 **tracing.describe(self._statement, self._future)})
        if self._work:
            self._work.statements += 1
            # The wait for statements that run concurrently counts once.
            self._work.seconds += waited


def store_together(name: str, statements: Sequence[BoundStatement], share: float = 1.0) -> None:
    """Store idempotent writes as one logged batch: all of them are applied, sooner or later, or none is.

    :param share: the share of the request's remaining time that it may take
    :raise BatchTooLarge: nothing was stored
    :raise DatabaseUnavailable: nothing was stored
    :raise OutcomeUnknown: it may have been stored
    """
    size = sum(len(value) for each in statements for value in each.values if isinstance(value, bytes))
    if size > db.largest_batch:
        raise BatchTooLarge(f"{name}: {size} bytes")
    batch = BatchStatement(BatchType.LOGGED)
    for each in statements:
        batch.add(each)
    batch.is_idempotent = True
    try:
        Answer(name, batch, policies.WRITE, writes=True, share=share).rows()
    except InvalidRequest as error:
        if "Batch too large" not in str(error):
            raise
        db.largest_batch = SMALL_BATCH
        raise BatchTooLarge(str(error)) from error


def conditional_batch(name: str, statements: Iterable[BoundStatement]) -> Answer:
    """Send conditional writes to one partition: all of them are applied at once, or none is.

    The answer's first row begins with whether they were.
    """
    batch = BatchStatement(BatchType.LOGGED, serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL)
    for each in statements:
        batch.add(each)
    batch.is_idempotent = False
    return Answer(name, batch, policies.WRITE, writes=True, share=CONDITIONAL_SHARE)
