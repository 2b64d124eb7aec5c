"""Making the tables match the models: once, under a lock, and only when they differ.

The schema has a version (a number that grows with every change to a model or migration) and a fingerprint (of the
models' CREATE TYPE and CREATE TABLE texts and the migrations). Both are stored beside the tables, so that a process
knows from one read whether the tables are those it was written for, and an older process leaves newer tables alone.
"""

import hashlib
import logging
import math
import os
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as installed
from typing import Any

from cassandra import AlreadyExists, DriverException, Unauthorized
from cassandra.cqlengine import columns, management
from cassandra.cqlengine import connection as mapper
from cassandra.cqlengine.usertype import UserType
from cassandra.metadata import TableMetadata
from cassandra.query import SimpleStatement

from taskapp.cassandra.coordination.leases import Holder, Lease
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.errors import CircuitOpen, DatabaseUnavailable, SchemaError
from taskapp.cassandra.mapper import (
    Column,
    Insert,
    Select,
    Table,
    bind,
    columns_of,
    create_text,
    primary_key,
    stamps,
    written,
)
from taskapp.cassandra.mapper.cqlengine import forget_connection
from taskapp.cassandra.reach.refusals import permitted
from taskapp.cassandra.schema import ddl, reload
from taskapp.cassandra.schema.migrations import Migration, MigrationFile, migrate
from taskapp.cassandra.schema.options import for_astra
from taskapp.kit import clock
from taskapp.settings import Settings

log = logging.getLogger(__name__)
SCOPE = "taskapp"
# How long to wait, beyond `connect_wait`, for another process that creates the tables, which takes 10 s on a slow
# laptop; and how often to log that.
OTHERS_SECONDS, SAY_SECONDS = 60, 10
# How many times to ask the nodes which tables exist; each time waits until they agree.
LOOKS = 3
# The lock's own table is created before there is a lock. With a fixed id, two processes that create it at once through
# two nodes create the same table; the id is derived from the keyspace's name in this namespace.
_LEASES_IDS = uuid.UUID("7d3b1e70-5f0b-51f0-9c1e-6b1d0c8a2f11")


class SchemaState(Table):
    """Which schema do the tables have? One row."""

    __table_name__ = "schema_state"
    scope: Column[str] = columns.Text(partition_key=True)
    version: Column[int] = columns.Integer()
    fingerprint: Column[str] = columns.Text()
    app_version: Column[str] = columns.Text()
    synced_at: Column[datetime] = columns.DateTime()


_STATE = Select("schema_state.get", SchemaState.objects.filter(SchemaState.scope == bind("scope")))
_WRITTEN = Select("schema_state.written", SchemaState.objects.filter(SchemaState.scope == bind("scope")),
                  plus=written(SchemaState.version))
# Written under the schema lock, like the migration ledger.
_SET_STATE = Insert("schema_state.set", SchemaState, timestamp=bind("timestamp"))
OWN_TABLES: tuple[type[Table], ...] = (Holder, SchemaState, Migration)


@dataclass(frozen=True)
class Schema:
    """What the tables should be.

    :param version: grows with every change
    :param models: all tables except ``OWN_TABLES``
    :param migrations: all of them, in order
    """

    version: int
    models: tuple[type[Table], ...]
    migrations: tuple[MigrationFile, ...]

    @property
    def tables(self) -> tuple[type[Table], ...]:
        """All tables, in order of creation."""
        return OWN_TABLES + self.models

    @property
    def types(self) -> tuple[type[UserType], ...]:
        """The user types that the tables use, each after the types it is made of."""
        found: list[type[UserType]] = []
        for model in self.tables:
            for column in columns_of(model).values():
                columns.resolve_udts(column, found)
        return tuple(dict.fromkeys(found))

    @property
    def fingerprint(self) -> str:
        """Hash the models and migrations."""
        texts = [management.get_create_type(each, "ks") for each in self.types]
        texts += [create_text(model, "ks") for model in self.tables] + [each.checksum for each in self.migrations]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]

    def differs(self) -> str | None:
        """Say how the tables differ from these, in a sentence; None when they do not.

        :raise DatabaseUnavailable: the state could not be read
        """
        state = _read_state()
        if state is None:
            return "the tables were not made yet: run `taskapp sync-tables`"
        if state.version > self.version:
            return (f"the tables are at schema version {state.version}, newer than this process, which knows "
                    f"{self.version}")
        if state.version < self.version or state.fingerprint != self.fingerprint:
            return f"the tables are at schema version {state.version}, this process needs {self.version}: " \
                   "run `taskapp sync-tables`"
        return None

    def sync(self, settings: Settings, *, dry_run: bool = False) -> list[str]:
        """Make the tables match, if they do not; return the CQL that was (or would be) run.

        :raise SchemaError: the tables are newer, or differ in a way that cannot be changed
        :raise BadSettings: the role may not change tables
        """
        if self.differs() is None:
            return []
        self._refuse_newer()
        self._refuse_foreign(settings.keyspace)
        runner = _Runner(dry_run)
        with permitted(settings), runner.registered():
            self._make_keyspace(settings, runner)
            with _lock(settings) if not dry_run else _no_lock():
                if not dry_run:
                    _look_again()
                    if self.differs() is None:
                        return runner.texts
                    self._refuse_newer()
                    if not settings.astra:
                        reload.make_again(db.cluster.metadata.keyspaces[settings.keyspace], self.types, self.tables)
                for made in self.types:
                    _sync_type(made, settings.keyspace, runner)
                for model in map(for_astra, self.tables) if settings.astra else self.tables:
                    _sync(model, settings.keyspace, runner)
                runner.texts += migrate(self.migrations, dry_run=dry_run)
                if not dry_run:
                    _SET_STATE.run(scope=SCOPE, version=self.version, fingerprint=self.fingerprint,
                                   app_version=installed("taskapp"), synced_at=clock.now(),
                                   timestamp=stamps.after(_WRITTEN, scope=SCOPE))
        return runner.texts

    def migrate(self, settings: Settings, *, dry_run: bool = False) -> list[str]:
        """Apply the pending migrations to existing tables; return what was (or would be) run.

        :raise SchemaError: there are no tables yet, they are newer, or an applied migration drifted
        :raise BadSettings: the role may not change tables
        """
        if _read_state() is None:
            raise SchemaError("the tables were not made yet: run `taskapp sync-tables`")
        self._refuse_newer()
        with permitted(settings), _no_lock() if dry_run else _lock(settings):
            return migrate(self.migrations, dry_run=dry_run)

    def _refuse_newer(self) -> None:
        state = _read_state()
        if state and state.version > self.version:
            raise SchemaError(str(self.differs()))

    def _refuse_foreign(self, keyspace: str) -> None:
        """Refuse to go on if tables of the same names are another program's."""
        for model in self.tables:
            table = _table(keyspace, model)
            if table is not None and (why := _unlike(model, table)):
                raise SchemaError(f"{keyspace}.{table.name} is another program's table, and was left as it is: {why}. "
                                  "Choose a keyspace that holds nothing else (TASKAPP_CASSANDRA_KEYSPACE)")

    def _make_keyspace(self, settings: Settings, runner: "_Runner") -> None:
        keyspace = settings.keyspace
        found = db.cluster.metadata.keyspaces.get(keyspace)
        if found is None:
            # Never at Astra, where `connect` fails without the keyspace.
            runner.run(f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = "
                       f"{{'class': 'NetworkTopologyStrategy', "
                       f"'{settings.cassandra_local_dc}': {settings.cassandra_replication}}}")
        elif not runner.dry_run and not settings.astra:
            reload.make_keyspace_again(found)
        if not runner.dry_run:
            text = create_text(for_astra(Holder) if settings.astra else Holder, keyspace)
            text = text.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
            text = text if settings.astra else f"{text} AND ID = {uuid.uuid5(_LEASES_IDS, keyspace)}"
            runner.run(text, noted=_table(keyspace, Holder) is None)


def _look_again() -> None:
    """Reread which tables exist, since another process may have created them.

    :raise DatabaseUnavailable: no node says, or they do not agree
    """
    for tries_left in reversed(range(LOOKS)):
        try:
            db.cluster.refresh_schema_metadata()
            return
        except DriverException as error:
            if not tries_left:
                raise DatabaseUnavailable(f"which tables there are: {error}") from error


def _read_state() -> SchemaState | None:
    if _table(db.keyspace, SchemaState) is None:
        return None
    try:
        return _STATE.one(scope=SCOPE)
    except Unauthorized as error:
        raise SchemaError(f"the role may not read the tables ({error}): it needs SELECT and MODIFY on the keyspace") \
            from error


class _Runner:
    """A session for cqlengine's schema functions: records each text, runs it unless dry, waits until nodes agree."""

    def __init__(self, dry_run: bool) -> None:
        self.dry_run = dry_run
        self.texts: list[str] = []
        self.row_factory: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(db.session, name)

    @contextmanager
    def registered(self) -> Iterator[None]:
        """Act as cqlengine's connection named ``schema`` while the block runs."""
        os.environ["CQLENG_ALLOW_SCHEMA_MANAGEMENT"] = "1"
        mapper.register_connection("schema", session=self)
        try:
            yield
        finally:
            forget_connection("schema")

    def execute(self, query: SimpleStatement, parameters: Any = None, timeout: Any = None) -> None:
        """Run a statement from cqlengine."""
        self.run(query.query_string)

    def run(self, text: str, noted: bool = True) -> None:
        """Run one schema change with ``ddl.change``; one that most likely changes nothing is not ``noted``."""
        if self.dry_run:
            # cqlengine checks a type again for each table that uses it.
            self.texts += [] if text in self.texts else [text]
            return
        self.texts += [text] if noted else []
        ddl.change(text)


def _sync_type(made: type[UserType], keyspace: str, runner: _Runner) -> None:
    found = db.cluster.metadata.keyspaces.get(keyspace)
    if runner.dry_run and (found is None or made.type_name() not in found.user_types):
        # cqlengine would look for the type that was not created.
        runner.run(management.get_create_type(made, keyspace))
        return
    with _warnings_refused():
        management.sync_type(keyspace, made, connection="schema")


def _sync(model: type[Table], keyspace: str, runner: _Runner) -> None:
    if runner.dry_run and _table(keyspace, model) is None:
        # cqlengine would look for the table that was not created.
        runner.run(create_text(model, keyspace))
        return
    with _warnings_refused():
        try:
            management.sync_table(model, keyspaces=[keyspace], connections=["schema"])
        except AlreadyExists:
            db.cluster.refresh_schema_metadata()
            management.sync_table(model, keyspaces=[keyspace], connections=["schema"])


@contextmanager
def _warnings_refused() -> Iterator[None]:
    # cqlengine only warns about a column or field whose type differs; the service could not run on it.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except UserWarning as warning:
            raise SchemaError(str(warning)) from None


def _unlike(model: type[Table], table: TableMetadata) -> str | None:
    """Say which difference between a table and its model cannot be changed: cqlengine does not compare everything."""
    keys = [columns_of(model)[name].db_field_name for name in primary_key(model)]
    if [column.name for column in table.primary_key] != keys:
        return f"its primary key must be {', '.join(keys)}"
    for name, column in columns_of(model).items():
        there = table.columns.get(column.db_field_name)
        if there is None:
            continue
        if there.is_static != bool(column.static):
            return f"{name} must{'' if column.static else ' not'} be static"
        if column.clustering_order and there.is_reversed != (column.clustering_order.upper() == "DESC"):
            return f"{name} must be ordered {column.clustering_order}"
    return None


def _table(keyspace: str, model: type[Table]) -> TableMetadata | None:
    found = db.cluster.metadata.keyspaces.get(keyspace)
    return found.tables.get(model.__table_name__) if found else None


@contextmanager
def _no_lock() -> Iterator[None]:
    yield


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """Hold the schema lock; wait for another holder, but not for ever."""
    lease = Lease("schema")
    deadline, said = time.monotonic() + OTHERS_SECONDS + settings.connect_wait, -math.inf
    while not lease.take():
        if (now := time.monotonic()) > deadline:
            raise SchemaError("another process holds the schema lock and does not end")
        if now > said + SAY_SECONDS:
            log.info("Waiting for another process that brings the schema up to date")
            said = now
        time.sleep(0.5)
    with lease.kept():
        yield


def ready(schema: Schema) -> str | None:
    """Say why this process cannot serve, in a sentence; None when it can."""
    try:
        return schema.differs()
    except (CircuitOpen, SchemaError) as refusal:
        return str(refusal)
    except (DatabaseUnavailable, DriverException):
        return "the database does not answer"


