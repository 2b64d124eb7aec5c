"""Migrations: what `sync_table` cannot do, as numbered files with a ledger.

A file ``migrations/NNNN_name.py`` has a docstring that says why, and ``STEPS``, a tuple of CQL texts (``$ks`` is the
keyspace) and of functions without arguments. Each step must be harmless when run twice: after a crash, a migration
resumes at the step it had reached. Whoever runs them holds the schema lock.
"""

import hashlib
import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.errors import SchemaError
from taskapp.cassandra.mapper import Column, Insert, Select, Table, bind, stamps, written
from taskapp.cassandra.schema import ddl
from taskapp.kit import clock
from taskapp.settings import TOP

_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.py")
SCOPE = "taskapp"


class Migration(Table):
    """Which migrations were applied, and how far did the last one get? One small partition.

    Only the holder of the schema lock writes.
    """

    __table_name__ = "migrations"
    scope: Column[str] = columns.Text(partition_key=True)
    number: Column[int] = columns.Integer(primary_key=True)
    name: Column[str] = columns.Text()
    checksum: Column[str] = columns.Text()
    state: Column[str] = columns.Text()
    step: Column[int] = columns.Integer()
    changed_at: Column[datetime] = columns.DateTime()


_LEDGER = Select("migrations.ledger", Migration.objects.filter(Migration.scope == bind("scope")))
_WRITTEN = Select("migrations.written", Migration.objects.filter(
    Migration.scope == bind("scope"), Migration.number == bind("number")), plus=written(Migration.state))
# Written under the schema lock; the clock of its previous holder may be ahead (`stamps.py`).
_RECORD = Insert("migrations.record", Migration, timestamp=bind("timestamp"))


@dataclass(frozen=True)
class MigrationFile:
    """One migration file: number, name, checksum of its text, and its actions."""

    number: int
    name: str
    checksum: str
    actions: tuple[str | Callable[[], Any], ...]


@dataclass(frozen=True)
class Status:
    """What the ledger says about one migration.

    ``state`` is ``pending``, ``running`` (or crashed), ``applied``, or ``unknown`` (in the ledger, but without a file).
    """

    number: int
    name: str
    state: str
    step: int
    changed_at: str | None
    drifted: bool


def load(folder: Path = TOP / "migrations") -> tuple[MigrationFile, ...]:
    """Read the migration files in order.

    :raise SchemaError: the folder is missing; a number is missing or used twice
    """
    if not folder.is_dir():
        raise SchemaError(f"the folder {folder} with the migrations is missing")
    steps = [_load_file(path, match) for path in sorted(folder.glob("*.py")) if (match := _FILE.fullmatch(path.name))]
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise SchemaError(f"the numbers of the files in {folder.name}/ must be 0001, 0002, … without a gap")
    return tuple(steps)


def _load_file(path: Path, match: re.Match[str]) -> MigrationFile:
    spec = importlib.util.spec_from_file_location(f"migrations.{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    checksum = hashlib.sha256(text.encode()).hexdigest()
    return MigrationFile(int(match[1]), match[2], checksum, tuple(module.STEPS))


def status(steps: Sequence[MigrationFile]) -> list[Status]:
    """Compare the files with the ledger."""
    applied = _ledger()
    known = {step.number: step for step in steps}
    found = []
    for number in sorted({*applied, *known}):
        row, step = applied.get(number), known.get(number)
        name = step.name if step else applied[number].name
        state = "unknown" if step is None else row.state if row else "pending"
        drifted = bool(row and step and row.checksum != step.checksum)
        found.append(Status(number, name, state, row.step if row else 0,
                            clock.rfc3339(row.changed_at) if row else None, drifted))
    return found


def migrate(steps: Sequence[MigrationFile], *, dry_run: bool = False) -> list[str]:
    """Apply pending migrations and resume unfinished ones; return what was (or would be) run.

    :raise SchemaError: the text of an applied file has changed
    """
    ran: list[str] = []
    for each in status(steps):
        if each.drifted and each.state == "applied":
            raise SchemaError(f"migration {each.number:04} was applied with another text; add a new file instead")
    ledger = _ledger()
    for step in steps:
        row = ledger.get(step.number)
        if row and row.state == "applied":
            continue
        ran += _apply(step, row.step if row else 0, dry_run)
    return ran


def _apply(step: MigrationFile, begin: int, dry_run: bool) -> list[str]:
    ran = []
    for index, action in enumerate(step.actions[begin:], begin):
        if not dry_run:
            _record(step, "running", index)
            _run(action)
        ran.append(f"-- migration {step.number:04}_{step.name}, step {index + 1}\n{_text(action)}")
    if not dry_run:
        _record(step, "applied", len(step.actions))
    return ran


def _run(action: str | Callable[[], Any]) -> None:
    if callable(action):
        action()
    else:
        ddl.change(_text(action))


def _text(action: str | Callable[[], Any]) -> str:
    return f"-- {action.__doc__ or action.__name__}" if callable(action) else action.replace("$ks", db.keyspace)


def _record(step: MigrationFile, state: str, index: int) -> None:
    _RECORD.run(scope=SCOPE, number=step.number, name=step.name, checksum=step.checksum, state=state, step=index,
                changed_at=clock.now(), timestamp=stamps.after(_WRITTEN, scope=SCOPE, number=step.number))


def _ledger() -> dict[int, Migration]:
    keyspace = db.cluster.metadata.keyspaces.get(db.keyspace)
    if keyspace is None or Migration.__table_name__ not in keyspace.tables:
        return {}
    return {row.number: row for row in _LEDGER.all(scope=SCOPE)}
