"""The truth of an aggregate: one partition, with its state in static columns and a row for each change.

Every version but a plain first one is written on the condition that the current version is the one it was made from,
in one batch with the row that records the change: both are stored, or neither.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from cassandra import ConsistencyLevel
from cassandra.cqlengine import columns

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.driver.metrics import CONFLICTS
from taskapp.cassandra.driver.statement import conditional_batch
from taskapp.cassandra.mapper import (
    BoundStatement,
    Column,
    Insert,
    Select,
    Table,
    Update,
    bind,
    names,
    partition_key,
    token,
)
from taskapp.cassandra.mapper.queries import Answered
from taskapp.kit import clock
from taskapp.kit.operation import Operation

# No version is this high: the first page of a history begins below it.
NEWEST = 2**31 - 1
# Changes read at a time when a whole history is looked through.
PAGE = 100


class HistoryRow(Table):
    """What was changed? A row for each version, newest first; its diff is the JSON that is shown."""

    __abstract__ = True
    if TYPE_CHECKING:
        # Declared after the id, since cqlengine takes the first column of a key for the partition's.
        version: Column[int]
    change_id: Column[uuid.UUID] = columns.TimeUUID()
    at: Column[datetime] = columns.DateTime()
    actor: Column[uuid.UUID] = columns.UUID()
    kind: Column[str] = columns.Text()
    diff: Column[str] = columns.Text()


T = TypeVar("T", bound=Table)
C = TypeVar("C", bound=HistoryRow)


class Truth(Generic[T, C]):
    """The statements on the truth of one kind of aggregate.

    :param table: its table
    :param key: the part that is its id
    :param state: the part that is its state; it has ``current_version``
    :param change: the part that is a row of its history
    :param apart: columns of the state that a new version does not write
    :ivar id_column: the column of the id
    :ivar partition: the query of one aggregate's partition
    :ivar at_version: the same, if the aggregate is at version ``expected``
    :ivar changes: the query of the changes below a version
    :ivar changed: the columns that a new version may write
    :ivar update: writes some of them; ``add_history`` is for the same batch
    """

    def __init__(self, table: Any, key: type[Table], state: type[T], change: type[C], *, apart: Sequence[str] = ()
                 ) -> None:
        self.name: str = table.__table_name__
        self._change = change
        self.id_column, = partition_key(table)
        id_ = getattr(table, self.id_column)
        self.partition = table.objects.filter(id_ == bind(self.id_column))
        self.at_version = self.partition.iff(current_version=bind("expected")).ttl(bind("ttl"))
        self.changes = self.partition.filter(table.version < bind("before")).limit(bind("size"))
        self.changed = [name for name in names(state) if name not in (self.id_column, *apart)]
        self.update = Update(f"{self.name}.update", self.at_version, *self.changed)
        # Part of a conditional batch, which the driver never sends twice.
        self.add_history = Insert(f"{self.name}.add_history", table, part=change, ttl=bind("ttl"), idempotent=False)
        self._create_once = Insert(f"{self.name}.create_once", table, part=state, if_not_exists=True, ttl=bind("ttl"))
        self._get = Select(f"{self.name}.get", self.partition.limit(1), rows=state)
        self._history = Select(f"{self.name}.history", self.changes, rows=change)
        self._of_version = Select(f"{self.name}.change", self.partition.filter(table.version == bind("version")),
                                  rows=change)
        self._ids = Select(f"{self.name}.ids", table.objects.filter(token(id_) >= bind("position")).distinct(),
                           rows=key, plus=token(id_))

    def get(self, id_: uuid.UUID, consistency: int | None = None) -> T | None:
        """Read the state; of what was permanently removed, only its id and version."""
        return self.stored(self.ask(id_, consistency))

    def ask(self, id_: uuid.UUID, consistency: int | None = None) -> Answered[T]:
        """Request the state without waiting."""
        return self._get.ask(consistency=consistency, **{self.id_column: id_})

    def stored(self, answer: Answered[T]) -> T | None:
        """Wait for the state that ``ask`` requested."""
        found: Any = answer.one()
        return found if found and found.current_version is not None else None

    def history(self, id_: uuid.UUID, before: int = NEWEST, limit: int = PAGE, consistency: int | None = None
                ) -> list[C]:
        """Read the changes below a version, newest first."""
        return self._history.all(before=before, size=limit, consistency=consistency, **{self.id_column: id_})

    def whole_history(self, id_: uuid.UUID) -> Iterator[C]:
        """Read all changes, newest first, page by page."""
        before = NEWEST
        while found := self.history(id_, before):
            yield from found
            before = found[-1].version

    def holds(self, id_: uuid.UUID, change_id: uuid.UUID) -> bool:
        """Return whether a change is in the history."""
        asked_at = clock.timeuuid_time(change_id)
        for change in self.whole_history(id_):
            if change.change_id == change_id:
                return True
            # No change has a time earlier than that of its request.
            if change.at < asked_at:
                return False
        return False

    def create_once(self, new: T, change: C, *, ttl: int = 0, repeated: bool = False) -> bool:
        """Store a new aggregate; return False if the id was taken.

        :param repeated: an earlier attempt may have stored it
        :raise OutcomeUnknown: it could not be determined whether it was stored
        """
        return self.decide("create_once", change, [
            self._create_once.bind(new, ttl=ttl), self.add_history.bind(change, ttl=ttl)], repeated=repeated)

    def store(self, old: Any, new: Any, change: C, *, repeated: bool) -> bool:
        """Store the next version if the aggregate is still at the old one; only columns that changed are written.

        :param repeated: an earlier attempt may have stored it
        :return: whether it was stored
        :raise OutcomeUnknown: it could not be determined whether it was stored
        """
        both = ((name, getattr(old, name), getattr(new, name)) for name in self.changed)
        cells = {name: after for name, before, after in both if before != after}
        key = {self.id_column: getattr(old, self.id_column)}
        return self.decide("update", change, [
            self.update.bind(**cells, **key, expected=old.current_version, ttl=0),
            self.add_history.bind(change, ttl=0)], repeated=repeated)

    def change(self, new: Any, operation: Operation, kind: str, diff: Mapping[str, Any]) -> C:
        """Make the row of the history that records the change to a version."""
        key = {self.id_column: getattr(new, self.id_column)}
        return self._change(**key, version=new.current_version, change_id=operation.change_id, at=new.updated_at,
                            actor=operation.actor, kind=kind, diff=orjson.dumps(diff).decode())

    def landed(self, change: C) -> bool:
        """Return whether a change is in the history, read at the serial consistency level.

        A serial read first completes any conditional write under way at the replicas. It cannot know of one that has
        not reached them yet, from a hung coordinator.
        """
        found = self._of_version.one(version=change.version, consistency=ConsistencyLevel.LOCAL_SERIAL,
                                     **{self.id_column: getattr(change, self.id_column)})
        return found is not None and found.change_id == change.change_id

    def decide(self, what: str, change: C, statements: Sequence[BoundStatement], *, repeated: bool) -> bool:
        """Send a conditional batch, again if need be, until its outcome is known; return whether the change is stored.

        Its condition never holds again once the aggregate is past the version that was read, so a second attempt fences
        off the first, whenever that may arrive.

        :param what: the name of the batch
        :param repeated: an earlier attempt may have stored it
        :raise OutcomeUnknown: it could not be determined whether it was stored
        """
        name = f"{self.name}.{what}"

        def send() -> bool:
            return bool(conditional_batch(name, statements).rows()[0][0])

        stored = decide(send, partial(self.landed, change), repeated=repeated)
        if not stored:
            CONFLICTS.labels(name).inc()
        return stored

    def all_ids(self, position: int) -> Iterator[tuple[uuid.UUID, int]]:
        """Walk over all ids and their tokens in token order, starting at a token, page by page."""
        return ((getattr(row, self.id_column), at) for row, at in self._ids.ask(position=position).walk())
