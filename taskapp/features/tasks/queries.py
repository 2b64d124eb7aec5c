"""The database statements of tasks, except those for pages and repair."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from cassandra import ConsistencyLevel
from cassandra.util import Duration

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.driver.metrics import CONFLICTS
from taskapp.cassandra.driver.statement import Answer, conditional_batch, store_together
from taskapp.cassandra.errors import OutcomeUnknown
from taskapp.cassandra.mapper import (
    BoundStatement,
    Delete,
    Insert,
    Select,
    Update,
    add,
    bind,
    from_now,
    names,
    remaining,
    token,
)
from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.tasks import expiry
from taskapp.features.tasks.models import Bucket, BucketSize, Change, Task, TrashDay, TrashedOn, Truth
from taskapp.kit import clock
from taskapp.writepath.intents import UNFINISHED
from taskapp.writepath.projections import Write

# The first write has the lowest possible timestamp, so that no clock can make it win over a conditional write.
CREATION = 1
# Seconds that a guard lives: as long as a change may still arrive (`writepath/intents.py`).
GUARDED = int(UNFINISHED.total_seconds())
# The share of its request's remaining budget that a creation's batch may use; the rest is for writing step by step.
AT_ONCE_SHARE = 0.4
# No version is this high: the first page of a history begins below it.
NEWEST = 2**31 - 1

# -- The truth

_TASK = Truth.objects.filter(Truth.task_id == bind("task_id"))
_CHANGES = _TASK.filter(Truth.version < bind("before")).limit(bind("size"))
_AT_VERSION = _TASK.iff(current_version=bind("expected")).ttl(bind("ttl"))
_CHANGED = [name for name in names(Task) if name not in ("task_id", "guard")]
_GET = Select("tasks.get", _TASK.limit(1), rows=Task)
_CREATE = Insert("tasks.create", Truth, timestamp=CREATION, ttl=bind("ttl"))
_CREATE_ONCE = Insert("tasks.create_once", Truth, part=Task, if_not_exists=True, ttl=bind("ttl"))
_UPDATE = Update("tasks.update", _AT_VERSION, *_CHANGED)
_MOVE = Update("tasks.move", _AT_VERSION.iff(guard=bind("guard")), *_CHANGED)
_GUARD = Update("tasks.guard", _AT_VERSION.iff(guard=bind("before")), "guard")
# Part of a conditional batch, which the driver never sends twice.
_ADD_HISTORY = Insert("tasks.add_history", Truth, part=Change, ttl=bind("ttl"), idempotent=False)
_FORGET_HISTORY = Delete("tasks.forget_history", _TASK.filter(Truth.version >= bind("first"),
                                                              Truth.version <= bind("last")), idempotent=False)
_RENEW = Update("tasks.renew", _TASK.iff(created_at=bind("created_at"), expires_at=bind("expires_at")).ttl(bind("ttl")),
                "created_at")
_OF_VERSION = Select("tasks.change", _TASK.filter(Truth.version == bind("version")), rows=Change)
_HISTORY = Select("tasks.history", _CHANGES, rows=Change)
_LIFETIMES = Select("tasks.lifetimes", _CHANGES, rows=Change, plus=remaining(Truth.kind))


def get(task_id: uuid.UUID, consistency: int | None = None) -> Task | None:
    """Read the truth of a task; a permanently removed one has only its id and version."""
    return stored(ask(task_id, consistency))


def ask(task_id: uuid.UUID, consistency: int | None = None) -> Answered[Task]:
    """Request the truth of a task without waiting."""
    return _GET.ask(task_id=task_id, consistency=consistency)


def stored(answer: Answered[Task]) -> Task | None:
    """Wait for the task that ``ask`` requested."""
    task = answer.one()
    return task if task and task.current_version is not None else None


def get_present(task_id: uuid.UUID) -> Task | None:
    """Read the truth of a task that has not expired; a permanently removed one has only its id and version."""
    task = get(task_id)
    return None if task is None or task.has_expired(clock.now()) else task


def history(task_id: uuid.UUID, before: int, limit: int, consistency: int | None = None) -> list[Change]:
    """Read the changes below a version, newest first."""
    return _HISTORY.all(task_id=task_id, before=before, size=limit, consistency=consistency)


def lifetimes(task_id: uuid.UUID, before: int, limit: int) -> list[tuple[Change, int | None]]:
    """Read changes like ``history``, each with its row's remaining seconds to live; None if it does not expire."""
    return _LIFETIMES.pairs(task_id=task_id, before=before, size=limit)


def create(task: Task, change: Change, writes: Sequence[Write]) -> None:
    """Store a new task with an id made by the service: truth, history and projections, all or nothing.

    This is idempotent: the same operation writes the same cells.

    :raise BatchTooLarge: nothing was stored
    """
    truth = _CREATE.bind(task, **change.as_dict(), ttl=expiry.whole_ttl(task, clock.now()))
    store_together("tasks.create", [truth, *(write.bind() for write in writes)], share=AT_ONCE_SHARE)


def create_alone(task: Task, change: Change) -> None:
    """Store the truth of a new task, and nothing derived from it; idempotent."""
    _CREATE.run(task, **change.as_dict(), ttl=expiry.whole_ttl(task, clock.now()))


def create_once(task: Task, change: Change, *, repeated: bool) -> bool:
    """Store a new task with an id chosen by a client; return False if the id was taken.

    :param repeated: an earlier attempt may have stored it
    :raise OutcomeUnknown: it could not be determined whether it was stored
    """
    ttl = expiry.whole_ttl(task, clock.now())
    return _decide("tasks.create_once", change, [
        _CREATE_ONCE.bind(task, ttl=ttl), _ADD_HISTORY.bind(change, ttl=ttl)], repeated=repeated)


def update(old: Task, new: Task, change: Change, *, repeated: bool) -> bool:
    """Store the next version if the task is still at the old one; return whether it was stored.

    Only columns that changed are written, or all of them if the task's lifetime changed.

    :param repeated: an earlier attempt may have stored it
    :raise OutcomeUnknown: it could not be determined whether it was stored
    """
    whole, now = expiry.moved(old, new), clock.now()
    ttl = expiry.whole_ttl(new, now) if whole else expiry.part_ttl(new, now)
    both = ((name, getattr(old, name), getattr(new, name)) for name in _CHANGED)
    cells = {name: after for name, before, after in both if before != after or (whole and after is not None)}
    statement = _MOVE if new.parent_id != old.parent_id else _UPDATE
    return _decide("tasks.update", change, [
        statement.bind(**cells, task_id=old.task_id, expected=old.current_version, guard=old.guard, ttl=ttl),
        _ADD_HISTORY.bind(change, ttl=ttl)], repeated=repeated)


def guard(tasks: Sequence[Task]) -> bool:
    """Give tasks new guards if they are still as they were read; return whether all were.

    A concurrent change of the parent of one of them finds its guard changed, and starts again: of two changes that
    together would form a cycle, one comes first and the other sees it.
    """
    sent = [_GUARD.send(task_id=task.task_id, expected=task.current_version, before=task.guard,
                        guard=clock.new_id(), ttl=GUARDED) for task in tasks]
    return all([_applied(answer) for answer in sent])


def _applied(answer: Answer) -> bool:
    try:
        return bool(answer.rows()[0][0])
    except OutcomeUnknown:
        # An unneeded guard only makes others start again.
        return False


def remove(old: Task, change: Change, *, repeated: bool) -> bool:
    """Permanently remove a task if it is still at the old version; only the version and one last change remain.

    :param repeated: an earlier attempt may have removed it
    :raise OutcomeUnknown: it could not be determined whether it was removed
    """
    cells = {**dict.fromkeys(_CHANGED), "current_version": change.version}
    return _decide("tasks.remove", change, [
        _UPDATE.bind(**cells, task_id=old.task_id, expected=old.current_version, ttl=0),
        _FORGET_HISTORY.bind(task_id=old.task_id, first=0, last=old.current_version),
        _ADD_HISTORY.bind(change, ttl=0)], repeated=repeated)


def renew(task: Task, changes: Sequence[Change]) -> bool:
    """Rewrite rows of the history to live as long as their task; return whether they were rewritten.

    They are not if the task's expiry changed in the meantime, or the task is gone.
    """
    ttl = expiry.whole_ttl(task, clock.now())
    renewed = [_ADD_HISTORY.bind(change, ttl=ttl) for change in changes]
    return bool(conditional_batch("tasks.renew", [_RENEW.bind(task, ttl=ttl), *renewed]).rows()[0][0])


def landed(change: Change) -> bool:
    """Return whether a change is in the history, read at the serial consistency level.

    A serial read first completes any conditional write under way at the replicas. It cannot know of one that has not
    reached them yet, from a hung coordinator.
    """
    found = _OF_VERSION.one(task_id=change.task_id, version=change.version, consistency=ConsistencyLevel.LOCAL_SERIAL)
    return found is not None and found.change_id == change.change_id


def _decide(name: str, change: Change, statements: Sequence[BoundStatement], *, repeated: bool) -> bool:
    """Send a conditional batch, again if need be, until its outcome is known; return whether the change is stored.

    Its condition never holds again once the task is past the version that was read, so a second attempt fences off the
    first, whenever that may arrive.

    :raise OutcomeUnknown: it could not be determined whether it was stored
    """
    def send() -> bool:
        return bool(conditional_batch(name, statements).rows()[0][0])

    stored = decide(send, partial(landed, change), repeated=repeated)
    if not stored:
        CONFLICTS.labels(name).inc()
    return stored


# -- Buckets

_OPENINGS = Select("buckets.openings", Bucket.objects.filter(Bucket.project_id == bind("project_id")))
_FIRST = Insert("buckets.first", Bucket)
# The node that carries this out reads its clock after it was promised its turn: however late that is, the bucket opens
# ``notice`` seconds after that.
_ANNOUNCE = Insert("buckets.announce", Bucket, if_not_exists=True, opened_at=from_now("notice"))
_SIZES = BucketSize.objects.filter(BucketSize.project_id == bind("project_id"), BucketSize.bucket == bind("bucket"))
_COUNT = Update("buckets.count", _SIZES, add(BucketSize.tasks, bind("tasks")))
_SIZE = Select("buckets.size", _SIZES)


def bucket_openings(project_id: uuid.UUID, consistency: int | None = None) -> list[datetime]:
    """List when buckets 1, 2, 3 … of a project open, earliest first.

    A plain read is enough for a project that has never filled a bucket. Any other needs a serial read: an announcement
    that it does not show was not carried out before it, so the bucket opens at least its notice after it. A read at a
    caller's own level is not followed by another.
    """
    found = _OPENINGS.all(project_id=project_id, consistency=consistency)
    if found and consistency is None:
        found = _OPENINGS.all(project_id=project_id, consistency=ConsistencyLevel.LOCAL_SERIAL)
    return sorted(row.opened_at for row in found if row.bucket > 0)


def count_task(project_id: uuid.UUID, bucket: int, tasks: int) -> int:
    """Add to the size of a bucket and return the new size; approximate is good enough."""
    _COUNT.run(project_id=project_id, bucket=bucket, tasks=tasks)
    size = _SIZE.one(project_id=project_id, bucket=bucket)
    return size.tasks if size else 0


def announce_bucket(project_id: uuid.UUID, bucket: int, notice: float) -> None:
    """Announce a project's next bucket, unless another writer did; it opens ``notice`` seconds after a node does this.

    The row of bucket 0 is written first: it makes readers use the serial read.
    """
    _FIRST.run(project_id=project_id, bucket=0, opened_at=clock.EPOCH)
    _ANNOUNCE.run(project_id=project_id, bucket=bucket, notice=Duration(nanoseconds=round(notice * 1e9)))


# -- The trash calendar

# How many parts the ring is read in: purging leaves tombstones, and a node refuses to scan too many at once.
TRASH_PARTS = 64
_DAY = token(TrashedOn.day, TrashedOn.shard)
_TRASH_DAYS = Select("trash.days", TrashedOn.objects.filter(bind("first") <= _DAY, bind("last") >= _DAY).distinct(),
                     rows=TrashDay)
_TRASHED = Select("trash.of_day", TrashedOn.objects.filter(TrashedOn.day == bind("day"),
                                                           TrashedOn.shard == bind("shard")))


def trash_days(part: int) -> list[tuple[datetime, int]]:
    """List the days on which tasks were moved to the trash, with their shards, in one of ``TRASH_PARTS``."""
    width = 2**64 // TRASH_PARTS
    first = part * width - 2**63
    return [(row.day, row.shard) for row in _TRASH_DAYS.all(first=first, last=first + width - 1)]


def trashed(day: datetime, shard: int) -> list[uuid.UUID]:
    """List the tasks that were moved to the trash on a day, in one shard."""
    return [row.task_id for row in _TRASHED.all(day=day, shard=shard)]
