"""Changing an aggregate: note the intent, store the truth, write the derived rows, remove the note.

The note is acknowledged before the truth changes. So a writer that dies in between, or never learns the outcome of its
change, leaves the change to a sweeper.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from taskapp.cassandra.errors import BatchTooLarge, DatabaseUnavailable, OutcomeUnknown
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem
from taskapp.writepath.aggregate import Aggregate, Step
from taskapp.writepath.intents import Intent
from taskapp.writepath.projections import Write, side_by_side

T = TypeVar("T")
# Maximum attempts of a change without If-Match that keeps losing the race for the next version.
MAX_ATTEMPTS = 12


def change(aggregate: Aggregate[T], operation: Operation, id_: uuid.UUID,
           work_out: Callable[[T | None], Step[T] | None]) -> T | None:
    """Compute a step and store it; if another writer was first, recompute it and try again.

    :param work_out: computes a step from the truth, on each attempt; None if there is nothing to do. It may raise a
        Problem
    :return: the new state; the current one if an earlier attempt of the operation was stored; None if there is no step
    :raise Problem: ``contention``
    """
    intent = Intent.new(aggregate.kind, id_, operation.change_id)
    with _nothing_stored(intent):
        noted = intent.note()
        for attempt in range(MAX_ATTEMPTS):
            began = time.monotonic()
            found = aggregate.load(id_)
            noted.rows()
            if operation.repeated and found and aggregate.holds(found, operation.change_id):
                return _repeated(aggregate, found, intent)
            step = work_out(found)
            if step is None or step.new is step.old:
                intent.drop()
                return step.new if step else None
            if aggregate.store(step, repeated=operation.repeated):
                break
            _pause(attempt, time.monotonic() - began)
        else:
            raise Problem("contention", "Too many concurrent changes to the object.",
                          headers={"Retry-After": "1"})
    _derive(aggregate, step, intent)
    return step.new


def create_once(aggregate: Aggregate[T], step: Step[T], *, repeated: bool) -> bool:
    """Store a new entity under an id chosen by a client; return False if the id was taken.

    :param repeated: an earlier attempt may have stored it
    """
    intent = Intent.new(aggregate.kind, step.change.aggregate_id, step.change.change_id)
    with _nothing_stored(intent):
        intent.note().rows()
        if not aggregate.store(step, repeated=repeated):
            intent.drop()
            return False
    _derive(aggregate, step, intent)
    return True


def create(aggregate: Aggregate[T], step: Step[T], at_once: Callable[[Sequence[Write]], None],
           truth: Callable[[], None]) -> None:
    """Store a new entity under an id of our own, which no other write uses.

    The batch log is written to two nodes besides the coordinator, which waits for both
    (`ReplicaPlans.forBatchlogWrite`). So one hung node out of three blocks all batches, while a majority still accepts
    plain writes. If the outcome of a batch is unknown, or it is too large, the same cells are written step by step.

    :param at_once: stores the truth and all derived rows in one batch
    :param truth: stores the truth alone; idempotent
    """
    writes = aggregate.writes(step)
    try:
        side_by_side(writes, at_once)
    except BatchTooLarge:
        _create_by_steps(aggregate, step, truth)
    except OutcomeUnknown as unknown:
        try:
            _create_by_steps(aggregate, step, truth)
        except DatabaseUnavailable as error:
            raise unknown from error


def _create_by_steps(aggregate: Aggregate[T], step: Step[T], truth: Callable[[], None]) -> None:
    intent = Intent.new(aggregate.kind, step.change.aggregate_id, step.change.change_id)
    intent.note().rows()
    truth()
    _derive(aggregate, step, intent)


def _repeated(aggregate: Aggregate[T], thing: T, intent: Intent) -> T:
    """Answer a change that an earlier attempt stored; its worker may have died before writing the derived rows."""
    with _stored():
        aggregate.derive_again(intent.id)
    intent.drop()
    return thing


def _derive(aggregate: Aggregate[T], step: Step[T], intent: Intent) -> None:
    with _stored():
        side_by_side(aggregate.writes(step))
    try:
        done = aggregate.follow(step)
    except (DatabaseUnavailable, OutcomeUnknown):
        done = False
    if done:
        intent.drop()


@contextmanager
def _nothing_stored(intent: Intent) -> Iterator[None]:
    """Run what comes before a change of the truth is stored; if the change is refused, remove the note.

    If the outcome is unknown, the note stays.
    """
    try:
        yield
    except (Problem, DatabaseUnavailable):
        intent.drop()
        raise


@contextmanager
def _stored() -> Iterator[None]:
    """Run what follows a change of the truth: its failure must not be reported as if nothing was stored.

    The note of the intent stays, so a sweeper finishes the work.
    """
    try:
        yield
    except DatabaseUnavailable as error:
        raise OutcomeUnknown(f"stored, but not in the lists: {error}") from error


def _pause(attempt: int, took: float) -> None:
    # Exponential backoff with full jitter, in proportion to the duration of an attempt, so that writers that collided
    # do not collide again. If that is 20 ms, as on an idle machine, it is at most 5 ms at first, 160 ms later.
    unit = max(0.005, took / 4)
    time.sleep(random.uniform(0, unit * min(32, 2**attempt)))
