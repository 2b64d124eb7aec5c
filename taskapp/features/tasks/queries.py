"""What the database is asked about tasks: every statement, and nothing else."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cqlengine import columns
from cassandra.query import UNSET_VALUE, BoundStatement
from cassandra.util import Duration

from taskapp.cassandra.conditional import decide
from taskapp.cassandra.errors import OutcomeUnknown
from taskapp.cassandra.intents import UNFINISHED
from taskapp.cassandra.metrics import CONFLICTS
from taskapp.cassandra.model import Table, column_names
from taskapp.cassandra.projections import Projection, Write
from taskapp.cassandra.statement import Answer, Row, Statement, conditional_batch, logged_batch
from taskapp.features.tasks import expiry
from taskapp.features.tasks.changes import Change
from taskapp.features.tasks.models import Tasks, TasksByDue, TasksByProject
from taskapp.kit import clock

Task = dict[str, Any]

STATIC = [name for name, column in Tasks._columns.items() if column.static]
TRUTH = ["task_id", *STATIC]
HISTORY = ["change_id", "task_id", "version", "at", "actor", "kind", "diff"]
# The first write has the lowest timestamp there is, so that no clock can make it outlive a conditional write.
CREATION = 1
# Seconds that a guard lives: as long as a change may be on its way (`cassandra/intents.py`).
GUARDED = int(UNFINISHED.total_seconds())
# What the batch of a creation may take of the time that its request has left; the rest is for writing it by steps.
AT_ONCE_SHARE = 0.4

# -- The truth

_GET = Statement("tasks.get", f"SELECT {', '.join(TRUTH)} FROM $ks.tasks WHERE task_id = :task_id LIMIT 1")
_CREATE = Statement(
    "tasks.create", f"INSERT INTO $ks.tasks ({', '.join(column_names(Tasks))}) "
    f"VALUES ({', '.join(':' + name for name in column_names(Tasks))}) USING TIMESTAMP {CREATION} AND TTL :ttl")
_CREATE_ONCE = Statement(
    "tasks.create_once", f"INSERT INTO $ks.tasks ({', '.join(TRUTH)}) "
    f"VALUES ({', '.join(':' + name for name in TRUTH)}) IF NOT EXISTS USING TTL :ttl", idempotent=False)
_CHANGED = [name for name in STATIC if name != "guard"]
_SET_IF = (f"UPDATE $ks.tasks USING TTL :ttl SET {', '.join(f'{name} = :{name}' for name in _CHANGED)} "
           "WHERE task_id = :task_id IF current_version = :expected")
_UPDATE = Statement("tasks.update", _SET_IF, idempotent=False)
_MOVE = Statement("tasks.move", f"{_SET_IF} AND guard = :guard", idempotent=False)
_GUARD = Statement("tasks.guard", "UPDATE $ks.tasks USING TTL :ttl SET guard = :new WHERE task_id = :task_id "
                   "IF current_version = :expected AND guard = :guard", idempotent=False)
_ADD_HISTORY = Statement(
    "tasks.add_history", f"INSERT INTO $ks.tasks ({', '.join(HISTORY)}) "
    f"VALUES ({', '.join(':' + name for name in HISTORY)}) USING TTL :ttl", idempotent=False)
_FORGET_HISTORY = Statement(
    "tasks.forget_history", "DELETE FROM $ks.tasks WHERE task_id = :task_id AND version >= 0 AND version <= :version",
    idempotent=False)
_RENEW = Statement(
    "tasks.renew", "UPDATE $ks.tasks USING TTL :ttl SET created_at = :created_at WHERE task_id = :task_id "
    "IF created_at = :created_at AND expires_at = :expires_at", idempotent=False)
_CHANGE_ID = Statement("tasks.change_id", "SELECT change_id FROM $ks.tasks WHERE task_id = :task_id "
                       "AND version = :version")
_HISTORY = Statement("tasks.history", f"SELECT {', '.join(HISTORY)} FROM $ks.tasks WHERE task_id = :task_id "
                     "AND version < :before LIMIT :size")
_LIFETIMES = Statement("tasks.lifetimes", f"SELECT {', '.join(HISTORY)}, TTL(kind) FROM $ks.tasks "
                       "WHERE task_id = :task_id AND version < :before LIMIT :size")
# Nothing is at a version this high: the first page of a history begins below it.
NEWEST = 2**31 - 1


def get(task_id: uuid.UUID, consistency: int | None = None) -> Task | None:
    """Read the truth of a task; one removed for good has nothing but its id and version."""
    return as_task(send_get(task_id, consistency))


def send_get(task_id: uuid.UUID, consistency: int | None = None) -> Answer:
    """Ask for the truth of a task, and go on."""
    return _GET.send(task_id=task_id, consistency=consistency)


def as_task(answer: Answer) -> Task | None:
    """Take what ``send_get`` asked for."""
    rows = answer.rows()
    if not rows or rows[0][TRUTH.index("current_version")] is None:
        return None
    task = dict(zip(TRUTH, rows[0], strict=True))
    if task["due_date"]:
        task["due_date"] = clock.nearest_ms(task["due_date"])
    return task


def get_present(task_id: uuid.UUID) -> Task | None:
    """Read the truth of a task that has not expired; one removed for good has nothing but its id and version."""
    task = get(task_id)
    return None if task is None or expiry.over(task, clock.now()) else task


def history(task_id: uuid.UUID, before: int, limit: int, consistency: int | None = None) -> list[Row]:
    """Read changes, newest first, as rows of ``HISTORY``, below a version."""
    return _HISTORY.run(task_id=task_id, before=before, size=limit, consistency=consistency)


def lifetimes(task_id: uuid.UUID, before: int, limit: int) -> list[Row]:
    """Read changes as ``history``, each with the seconds that are left of its row; None if it stays."""
    return _LIFETIMES.run(task_id=task_id, before=before, size=limit)


def create(task: Task, change: Change, writes: Sequence[Write]) -> None:
    """Store a new task with a server-made id: truth, history and projections at once or not at all.

    It may be sent again: the same operation writes the same cells.
    """
    statements = [_created(task, change), *(write.bind() for write in writes)]
    logged_batch("tasks.create", statements, share=AT_ONCE_SHARE).rows()


def create_large(task: Task, change: Change) -> None:
    """Store the truth of a new task that is too large for a batch with its projections."""
    logged_batch("tasks.create_large", [_created(task, change)]).rows()


def _created(task: Task, change: Change) -> BoundStatement:
    return _CREATE.bind(**_unset_nulls({**task, **change.row()}), ttl=expiry.whole_ttl(task, clock.now()))


def create_once(task: Task, change: Change) -> bool:
    """Store a new task with an id that a client chose; tell whether it was stored, or the id was taken."""
    ttl = expiry.whole_ttl(task, clock.now())
    return _decide("tasks.create_once", change, [
        _CREATE_ONCE.bind(**_unset_nulls(task), ttl=ttl), _ADD_HISTORY.bind(**change.row(), ttl=ttl)])


def update(old: Task, new: Task, change: Change) -> bool:
    """Store the next version, if the task still is at the old one; tell whether it was stored.

    What did not change is left alone, unless the task's lifetime did, which is that of every column.

    :raise OutcomeUnknown: nobody could tell
    """
    whole, now = expiry.moved(old, new), clock.now()
    ttl = expiry.whole_ttl(new, now) if whole else expiry.part_ttl(new, now)
    cells = {name: new[name] if old[name] != new[name] or (whole and new[name] is not None) else UNSET_VALUE
             for name in _CHANGED}
    statement = _MOVE if new["parent_id"] != old["parent_id"] else _UPDATE
    return _decide("tasks.update", change, [
        statement.bind(**cells, task_id=old["task_id"], expected=old["current_version"], guard=old["guard"], ttl=ttl),
        _ADD_HISTORY.bind(**change.row(), ttl=ttl)])


def guard(tasks: Sequence[Task]) -> bool:
    """Give tasks new guards if they still are as they were read; tell whether all were.

    Whoever works out another parent for one of them finds its guard changed, and looks again: of two changes that
    together would make a circle, one comes first and the other sees it.
    """
    sent = [_GUARD.send(task_id=task["task_id"], expected=task["current_version"], guard=task["guard"],
                        new=clock.new_id(), ttl=GUARDED) for task in tasks]
    return all([_applied(answer) for answer in sent])


def _applied(answer: Answer) -> bool:
    try:
        return bool(answer.rows()[0][0])
    except OutcomeUnknown:
        # A guard too many makes others look again, nothing more.
        return False


def remove(old: Task, change: Change) -> bool:
    """Remove a task for good, if it still is at the old version: what remains is the version and one last change."""
    cells = {**dict.fromkeys(_CHANGED), "current_version": change.version}
    return _decide("tasks.remove", change, [
        _UPDATE.bind(**cells, task_id=old["task_id"], expected=old["current_version"], ttl=0),
        _FORGET_HISTORY.bind(task_id=old["task_id"], version=old["current_version"]),
        _ADD_HISTORY.bind(**change.row(), ttl=0)])


def renew(task: Task, rows: Sequence[Row]) -> bool:
    """Write rows of the history again, to live as long as their task; tell whether they were.

    They are not if the task's expiry changed meanwhile, or the task is gone.

    :param rows: of ``HISTORY``
    """
    ttl = expiry.whole_ttl(task, clock.now())
    renewed = [_ADD_HISTORY.bind(**dict(zip(HISTORY, row, strict=True)), ttl=ttl) for row in rows]
    held = {name: task[name] for name in ("task_id", "created_at", "expires_at")}
    return bool(conditional_batch("tasks.renew", [_RENEW.bind(**held, ttl=ttl), *renewed]).rows()[0][0])


def landed(change: Change) -> bool:
    """Ask at the serial consistency level whether a change is in the history.

    A serial read first ends whatever conditional write is under way at the replicas. One that has not come to them
    yet, from a coordinator that hangs, it cannot know of.
    """
    rows = _CHANGE_ID.run(task_id=change.task_id, version=change.version, consistency=ConsistencyLevel.LOCAL_SERIAL)
    return bool(rows) and rows[0][0] == change.change_id


def _decide(name: str, change: Change, statements: Sequence[BoundStatement]) -> bool:
    """Send a conditional batch until somebody says what became of it; tell whether the change is stored.

    Its condition never holds again once the task is past the version that was read, so one that is sent again fences
    off the first, whenever that may come.

    :raise OutcomeUnknown: nobody could tell
    """
    def send() -> bool:
        return bool(conditional_batch(name, statements).rows()[0][0])

    stored = decide(send, partial(landed, change), repeated=change.repeated)
    if not stored:
        CONFLICTS.labels(name).inc()
    return stored


def _unset_nulls(values: dict[str, Any]) -> dict[str, Any]:
    # A null written is a tombstone; where nothing was, nothing needs to be written.
    return {name: UNSET_VALUE if _empty(value) else value for name, value in values.items()}


def _empty(value: Any) -> bool:
    return value is None or value == frozenset() or value == {}


# -- The lists

# The least and the greatest id in the order of the server (`kit/uuid_order.py`).
BEFORE_ALL, AFTER_ALL = uuid.UUID(int=0), uuid.UUID(int=(1 << 128) - 1)

PAGE_COLUMNS = [name for name in column_names(TasksByProject) if name not in ("shelf", "bucket", "rescheduled_at")]
# Ids and times come as text: the node writes them as JSON shows them, and objects made of them here cost more.
AS_TEXT = frozenset(name for name in PAGE_COLUMNS
                    if isinstance(TasksByProject._columns[name], columns.UUID | columns.DateTime))
_SELECTED = ", ".join(f"CAST({name} AS text) AS {name}" if name in AS_TEXT else name for name in PAGE_COLUMNS)
# Where a row of a list has the key of its order, which it has even if a change before the one that wrote it is not
# derived yet: the list by due date gives it once more, after the others, and then when the task came to its place.
BY_PROJECT_KEY, BY_DUE_KEY = PAGE_COLUMNS.index("created_at"), len(PAGE_COLUMNS)
RESCHEDULED_AT = BY_DUE_KEY + 1
_SELECTED_BY_DUE = (f"{_SELECTED}, CAST(sort_date AS text) AS sort_date, "
                    "CAST(rescheduled_at AS text) AS rescheduled_at")
_BY_PROJECT = "project_id = :project_id AND shelf = :shelf AND bucket = :bucket"
_BY_DUE = "project_id = :project_id AND shelf = :shelf AND dated = :dated AND bucket = :bucket"


def _source(by_due: bool) -> tuple[type[Table], str, str, str]:
    """Name the table of an order, what is read of it, its partition, and its key."""
    return (TasksByDue, _SELECTED_BY_DUE, _BY_DUE, "sort_date") if by_due else (
        TasksByProject, _SELECTED, _BY_PROJECT, "created_at")


@cache
def _page(by_due: bool, descending: bool, after: bool, statuses: int, since: bool = False) -> Statement:
    """Make the statement of one kind of page: of all statuses (0), of one (1), or of several (2).

    One status is found by the index, in the stored order alone: the server refuses ORDER BY together with an index.
    Several are one pass over the partition, so that a task that goes from one of them to another meanwhile is not
    lost; two reads of the index, one after the other, might both miss it.

    ``since``: only tasks whose due date changed, found by the index of the list by creation, in the stored order.
    """
    table, selected, where, key = _source(by_due)
    stored_descending = not by_due
    cql = f"SELECT {selected} FROM $ks.{table.__table_name__} WHERE {where}"
    if after:
        cql += f" AND ({key}, task_id) {'<' if descending else '>'} (:key, :task_id)"
    cql += ("", " AND status = :status", " AND status IN :statuses")[statuses]
    cql += " AND rescheduled_at >= :since" if since else ""
    if descending != stored_descending:
        way = "DESC" if descending else "ASC"
        cql += f" ORDER BY {key} {way}, task_id {way}"
    kind = "rescheduled" if since else "page"
    name = f"{table.__table_name__}.{kind}{('', '_of_status', '_of_statuses')[statuses]}"
    return Statement(name, f"{cql} LIMIT :size{' ALLOW FILTERING' if statuses > 1 else ''}")


def send_page(*, by_due: bool, descending: bool, partition: dict[str, Any], after: tuple[datetime, uuid.UUID] | None,
              statuses: Sequence[str], limit: int, since: datetime | None = None, consistency: int | None = None
              ) -> Answer:
    """Ask for rows of one partition, in order, after a position: ``PAGE_COLUMNS``, and two more in that by due date.

    :param statuses: those that are wanted; none for all
    :param since: only tasks whose due date changed from then on; in the list by creation, newest first
    """
    values = {**partition, "size": limit}
    if after:
        values["key"], values["task_id"] = after
    if statuses:
        values |= {"status": statuses[0]} if len(statuses) == 1 else {"statuses": list(statuses)}
    if since:
        values["since"] = since
    page = _page(by_due, descending, after is not None, min(len(statuses), 2), since is not None)
    return page.send(**values, consistency=consistency)


@cache
def _window(by_due: bool) -> Statement:
    table, selected, where, key = _source(by_due)
    name = table.__table_name__
    return Statement(f"{name}.window", f"SELECT {selected} FROM $ks.{name} WHERE {where} "
                     f"AND {key} >= :low AND {key} < :high AND status = :status LIMIT :size")


def send_window(*, by_due: bool, partition: dict[str, Any], low: int, high: int, status: str, limit: int,
                consistency: int | None = None) -> Answer:
    """Ask for rows of one status within a span of time (milliseconds, the end excluded), in the stored order."""
    return _window(by_due).send(**partition, low=low, high=high, status=status, size=limit, consistency=consistency)


def pages() -> list[Statement]:
    """List the statements of all kinds of pages."""
    both = (False, True)
    free = [_page(by_due, descending, after, statuses) for by_due in both for descending in both for after in both
            for statuses in (0, 2)]
    indexed = [_page(by_due, not by_due, after, 1) for by_due in both for after in both]
    rescheduled = [_page(False, True, after, statuses, True) for after in both for statuses in (0, 1, 2)]
    return [*free, *indexed, *rescheduled, *(_window(by_due) for by_due in both)]


# -- All of it, for repair

_ALL_TASKS = Statement("repair.tasks", "SELECT DISTINCT task_id, token(task_id) FROM $ks.tasks "
                       "WHERE token(task_id) >= :position")


def all_tasks(token: int) -> Iterator[tuple[uuid.UUID, int]]:
    """Walk over the ids of all tasks in the order of their tokens, from one on, page by page."""
    yield from _ALL_TASKS.send(position=token).result()


def _with_whole_ms(row: Row) -> Row:
    return tuple(clock.nearest_ms(value) if isinstance(value, datetime) else value for value in row)


def all_rows(projection: Projection, token: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Walk over the keys of all rows of a projection in the order of tokens, from one on, page by page."""
    table, partition = projection.model.__table_name__, ", ".join(projection.model._partition_keys)
    scan = Statement(f"repair.{table}", f"SELECT {', '.join(projection.keys)}, token({partition}) FROM $ks.{table} "
                     f"WHERE token({partition}) >= :position")
    for *key, at in scan.send(position=token).result():
        yield dict(zip(projection.keys, _with_whole_ms(tuple(key)), strict=True)), at


def row_of(projection: Projection, key: dict[str, Any]) -> dict[str, Any] | None:
    """Read a row of a projection, whole."""
    names, table = column_names(projection.model), projection.model.__table_name__
    where = " AND ".join(f"{name} = :{name}" for name in projection.keys)
    rows = Statement(f"repair.{table}.row", f"SELECT {', '.join(names)} FROM $ks.{table} WHERE {where}").run(**key)
    return dict(zip(names, _with_whole_ms(rows[0]), strict=True)) if rows else None


# -- Buckets

_OPENINGS = Statement("buckets.openings", "SELECT bucket, opened_at FROM $ks.project_buckets "
                      "WHERE project_id = :project_id")
_FIRST = Statement("buckets.first", "INSERT INTO $ks.project_buckets (project_id, bucket, opened_at) "
                   "VALUES (:project_id, 0, :opened_at)")
# The node that carries it out tells the time, after it was promised that its turn is next: however late that is, the
# bucket opens so long after that.
_ANNOUNCE = Statement(
    "buckets.announce", "INSERT INTO $ks.project_buckets (project_id, bucket, opened_at) "
    "VALUES (:project_id, :bucket, toTimestamp(now()) + (duration) :notice) IF NOT EXISTS", idempotent=False)
_COUNT = Statement("buckets.count", "UPDATE $ks.bucket_sizes SET tasks = tasks + :tasks "
                   "WHERE project_id = :project_id AND bucket = :bucket", idempotent=False)
_SIZE = Statement("buckets.size", "SELECT tasks FROM $ks.bucket_sizes WHERE project_id = :project_id "
                  "AND bucket = :bucket")


def bucket_openings(project_id: uuid.UUID, consistency: int | None = None) -> list[datetime]:
    """List when buckets 1, 2, 3 … of a project open, the earliest first.

    Of a project that never filled a bucket a plain read says so. For any other it takes a serial one: what that does
    not show yet was not carried out before, and opens its notice after it.
    """
    rows = _OPENINGS.run(project_id=project_id, consistency=consistency)
    if rows and consistency is None:
        rows = _OPENINGS.run(project_id=project_id, consistency=ConsistencyLevel.LOCAL_SERIAL)
    return sorted(opened_at for bucket, opened_at in rows if bucket > 0)


def count_task(project_id: uuid.UUID, bucket: int, tasks: int) -> int:
    """Add to the size of a bucket, and return it; about right is good enough."""
    _COUNT.run(project_id=project_id, bucket=bucket, tasks=tasks)
    rows = _SIZE.run(project_id=project_id, bucket=bucket)
    return int(rows[0][0]) if rows else 0


def announce_bucket(project_id: uuid.UUID, bucket: int, notice: float) -> None:
    """Open a project's next bucket, unless another did: so many seconds after a node carries this out.

    The row of bucket 0 comes first: it sends readers to the serial read.
    """
    _FIRST.run(project_id=project_id, opened_at=clock.EPOCH)
    _ANNOUNCE.run(project_id=project_id, bucket=bucket, notice=Duration(nanoseconds=round(notice * 1e9)))


# -- The trash's calendar

# The ring is read in so many parts: what was purged leaves tombstones, and a node refuses to pass over many at once.
TRASH_PARTS = 64
_TRASH_DAYS = Statement("trash.days", "SELECT DISTINCT day, shard FROM $ks.trash_by_day "
                        "WHERE token(day, shard) >= :first AND token(day, shard) <= :last")
_TRASHED = Statement("trash.of_day", "SELECT task_id FROM $ks.trash_by_day WHERE day = :day AND shard = :shard")


def trash_days(part: int) -> list[tuple[datetime, int]]:
    """List the days on which what is in the trash was put there, and their shards, in one of ``TRASH_PARTS``."""
    width = 2**64 // TRASH_PARTS
    first = part * width - 2**63
    return [(day, shard) for day, shard in _TRASH_DAYS.run(first=first, last=first + width - 1)]


def trashed(day: datetime, shard: int) -> list[uuid.UUID]:
    """List the tasks that were put into the trash on a day."""
    return [row[0] for row in _TRASHED.run(day=day, shard=shard)]
