"""Changing an aggregate: note the intent, store the truth, write what is derived, take the note back.

The note is acknowledged before the truth changes. So whoever dies in between, or never learns what became of the
change, leaves it to a sweeper.
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
    """Work a step out, and store it unless somebody came first; then work it out anew.

    :param work_out: makes a step from the truth, each time it is asked; None if there is nothing to do. It may raise a
        Problem
    :return: the new state; of an operation whose earlier attempt was stored, the present one; None for no step
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
    """Store something new under an id that a client chose; tell whether it was stored, or the id was taken.

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
    """Store something new under an id of our own, which no other write has.

    A batch log goes to two nodes beside the coordinator, and waits for both (`ReplicaPlans.forBatchlogWrite`), so of
    three nodes one that hangs keeps all batches back, while a majority takes plain writes. So if nobody says that a
    batch was stored, or it is too large, the same cells are written by steps.

    :param at_once: stores the truth and all that is derived in one batch
    :param truth: stores the truth alone, as often as one likes
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
    """Answer a change that an earlier attempt stored; its worker may have died before it wrote what is derived."""
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
    """Do what comes before a change of the truth is stored: whatever refuses it, the note is taken back.

    What leaves the outcome unknown leaves the note.
    """
    try:
        yield
    except (Problem, DatabaseUnavailable):
        intent.drop()
        raise


@contextmanager
def _stored() -> Iterator[None]:
    """Do what follows a change of the truth: that it failed must not sound as if nothing was stored.

    The note of the intent stays, so a sweeper does it.
    """
    try:
        yield
    except DatabaseUnavailable as error:
        raise OutcomeUnknown(f"stored, but not in the lists: {error}") from error


def _pause(attempt: int, took: float) -> None:
    # Writers that met once should not meet again: a random wait that grows, in proportion to what an attempt takes. If
    # that is 20 ms, as on an idle machine, it is 5 ms at first and 160 ms at most.
    unit = max(0.005, took / 4)
    time.sleep(random.uniform(0, unit * min(32, 2**attempt)))
