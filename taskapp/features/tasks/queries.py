"""The database statements of tasks, except those for pages and repair."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from cassandra import ConsistencyLevel
from cassandra.util import Duration

from taskapp.cassandra.driver.statement import Answer, conditional_batch, store_together
from taskapp.cassandra.errors import OutcomeUnknown
from taskapp.cassandra.mapper import (
    Delete,
    Insert,
    Select,
    Update,
    add,
    bind,
    from_now,
    remaining,
    token,
)
from taskapp.features.tasks import expiry
from taskapp.features.tasks.models import Bucket, BucketSize, Change, Task, TaskId, TaskTruth, TrashDay, TrashedOn
from taskapp.kit import clock
from taskapp.writepath.intents import UNFINISHED
from taskapp.writepath.projections import Write
from taskapp.writepath.truth import Truth

# The first write has the lowest possible timestamp, so that no clock can make it win over a conditional write.
CREATION = 1
# Seconds that a guard lives: as long as a change may still arrive (`writepath/intents.py`).
GUARDED = int(UNFINISHED.total_seconds())
# The share of its request's remaining budget that a creation's batch may use; the rest is for writing step by step.
AT_ONCE_SHARE = 0.4

# -- The truth

TASKS = Truth(TaskTruth, TaskId, Task, Change, apart=("guard",))
_CREATE = Insert("tasks.create", TaskTruth, timestamp=CREATION, ttl=bind("ttl"))
_MOVE = Update("tasks.move", TASKS.at_version.iff(guard=bind("guard")), *TASKS.changed)
_GUARD = Update("tasks.guard", TASKS.at_version.iff(guard=bind("before")), "guard")
_FORGET_HISTORY = Delete("tasks.forget_history", TASKS.partition.filter(
    TaskTruth.version >= bind("first"), TaskTruth.version <= bind("last")), idempotent=False)
_RENEW = Update("tasks.renew", TASKS.partition.iff(created_at=bind("created_at"), expires_at=bind("expires_at"))
                .ttl(bind("ttl")), "created_at")
_LIFETIMES = Select("tasks.lifetimes", TASKS.changes, rows=Change, plus=remaining(TaskTruth.kind))

get, ask, stored, history = TASKS.get, TASKS.ask, TASKS.stored, TASKS.history


def get_present(task_id: uuid.UUID) -> Task | None:
    """Read the truth of a task that has not expired; a permanently removed one has only its id and version."""
    task = get(task_id)
    return None if task is None or task.has_expired(clock.now()) else task


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
    return TASKS.create_once(task, change, ttl=expiry.whole_ttl(task, clock.now()), repeated=repeated)


def update(old: Task, new: Task, change: Change, *, repeated: bool) -> bool:
    """Store the next version if the task is still at the old one; return whether it was stored.

    Only columns that changed are written, or all of them if the task's lifetime changed.

    :param repeated: an earlier attempt may have stored it
    :raise OutcomeUnknown: it could not be determined whether it was stored
    """
    whole, now = expiry.moved(old, new), clock.now()
    ttl = expiry.whole_ttl(new, now) if whole else expiry.part_ttl(new, now)
    both = ((name, getattr(old, name), getattr(new, name)) for name in TASKS.changed)
    cells = {name: after for name, before, after in both if before != after or (whole and after is not None)}
    statement = _MOVE if new.parent_id != old.parent_id else TASKS.update
    return TASKS.decide("update", change, [
        statement.bind(**cells, task_id=old.task_id, expected=old.current_version, guard=old.guard, ttl=ttl),
        TASKS.add_history.bind(change, ttl=ttl)], repeated=repeated)


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
    cells = {**dict.fromkeys(TASKS.changed), "current_version": change.version}
    return TASKS.decide("remove", change, [
        TASKS.update.bind(**cells, task_id=old.task_id, expected=old.current_version, ttl=0),
        _FORGET_HISTORY.bind(task_id=old.task_id, first=0, last=old.current_version),
        TASKS.add_history.bind(change, ttl=0)], repeated=repeated)


def renew(task: Task, changes: Sequence[Change]) -> bool:
    """Rewrite rows of the history to live as long as their task; return whether they were rewritten.

    They are not if the task's expiry changed in the meantime, or the task is gone.
    """
    ttl = expiry.whole_ttl(task, clock.now())
    renewed = [TASKS.add_history.bind(change, ttl=ttl) for change in changes]
    return bool(conditional_batch("tasks.renew", [_RENEW.bind(task, ttl=ttl), *renewed]).rows()[0][0])


# -- Buckets

_OPENINGS = Select("buckets.openings", Bucket.objects.filter(Bucket.project_id == bind("project_id")))
_FIRST = Insert("buckets.first", Bucket)
# The node that carries this out reads its clock after it was promised its turn: however late that is, the bucket opens
# ``notice`` seconds after that.
_ANNOUNCE = Insert("buckets.announce", Bucket, if_not_exists=True, opened_at=from_now("notice"))
_SIZES = BucketSize.objects.filter(BucketSize.project_id == bind("project_id"), BucketSize.bucket == bind("bucket"))
_COUNT = Update("buckets.count", _SIZES, add(BucketSize.tasks, bind("tasks")))
_SIZE = Select("buckets.size", _SIZES)


def bucket_openings(project_ids: Sequence[uuid.UUID], consistency: int | None = None
                    ) -> dict[uuid.UUID, list[datetime]]:
    """List, for each project, when its buckets 1, 2, 3 … open, earliest first.

    A plain read is enough for a project that has never filled a bucket. Any other needs a serial read: an announcement
    that it does not show was not carried out before it, so the bucket opens at least its notice after it. A read at a
    caller's own level is not followed by another.
    """
    found = _openings(project_ids, consistency)
    if consistency is None:
        found |= _openings([each for each, rows in found.items() if rows], ConsistencyLevel.LOCAL_SERIAL)
    return {each: sorted(row.opened_at for row in rows if row.bucket > 0) for each, rows in found.items()}


def _openings(project_ids: Sequence[uuid.UUID], consistency: int | None) -> dict[uuid.UUID, list[Bucket]]:
    asked = [(each, _OPENINGS.ask(project_id=each, consistency=consistency)) for each in project_ids]
    return {each: answer.all() for each, answer in asked}


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
