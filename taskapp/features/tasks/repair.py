"""Repair: holding every projection against the truth, and deriving again what disagrees.

Two kinds of walk around the ring. The first goes over the truth and looks for rows that are missing or differ; the
others go over a derived table each and look for rows that should not be there. Each remembers how far it came.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

import orjson
from cassandra import ConsistencyLevel

from taskapp.cassandra import progress
from taskapp.cassandra.metrics import PROJECTIONS_REPAIRED
from taskapp.cassandra.projections import Projection, Write, side_by_side
from taskapp.features.activity import events
from taskapp.features.activity.queries import all_of_kind, present
from taskapp.features.tasks import derive, expiry, queries, repair_queries
from taskapp.features.tasks.models import Change
from taskapp.features.tasks.projections import EXPIRED, LISTS, PROJECTIONS, timestamp
from taskapp.kit import clock

FIRST_TOKEN, LAST_TOKEN = -(2**63), 2**63 - 1
TOGETHER, AT_ONCE = 256, 16
# A task that disagrees is looked at again before it counts: one that is being changed agrees a moment later.
LOOKS, LOOK_PAUSE = 3, 0.5
# A row without a task, that is younger, is let alone: the batch of its creation may be carried out late, and a request
# be repeated with its key for a day.
UNDER_WAY = timedelta(days=2)

Found = TypeVar("Found")
Counts = Counter[str]
Key = dict[str, Any]
# Told the name of a walk, the fraction that is done, and what was found so far.
Report = Callable[[str, float, Counts], None]


def repair(*, check: bool, anew: bool, report: Report) -> Counts:
    """Walk over all tasks and derived rows; without ``check``, mend what disagrees.

    :param anew: begin at the beginning, although an earlier run was cut off
    :return: ``tasks`` and ``rows`` looked at; ``missing``, ``different`` and ``stray`` rows found; ``unmended`` ones:
        rows that somebody removed by hand at a time later than the task's own (truncate the table, and repair again),
        and rows without a task that are so young that it may still come
    """
    total: Counts = Counter()
    for walk in (_TruthWalk(check), *(RowWalk(each, check) for each in LISTS), ExpiryWalk(EXPIRED, check)):
        total += walk.run(anew, report)
    return total


class _Walk:
    """A walk around the ring, in the order of tokens."""

    def __init__(self, name: str, check: bool) -> None:
        self.name, self.mend = f"{'check' if check else 'repair'} {name}", not check

    def things(self, token: int) -> Iterator[tuple[Any, int]]:
        """Give what is looked at, with its token, from a token on."""
        raise NotImplementedError

    def look(self, thing: Any) -> Counts:
        """Look at one, mend it, and count."""
        raise NotImplementedError

    def run(self, anew: bool, report: Report) -> Counts:
        """Go around, from where an earlier run was cut off."""
        known = None if anew else progress.get(self.name)
        begin, counts = (known[0], Counter(orjson.loads(known[1]))) if known else (FIRST_TOKEN, Counter())
        found = self.things(begin)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while some := list(islice(found, TOGETHER)):
                for each in pool.map(self.look, [thing for thing, _ in some]):
                    counts.update(each)
                progress.set_(self.name, some[-1][1], orjson.dumps(counts).decode())
                report(self.name, (some[-1][1] - FIRST_TOKEN) / (LAST_TOKEN - FIRST_TOKEN), counts)
        progress.end(self.name)
        report(self.name, 1.0, counts)
        return counts


class _TruthWalk(_Walk):
    """Over the truth: is each derived row there, and right?"""

    def __init__(self, check: bool) -> None:
        super().__init__("tasks", check)

    def things(self, token: int) -> Iterator[tuple[uuid.UUID, int]]:
        return repair_queries.all_tasks(token)

    def look(self, thing: uuid.UUID) -> Counts:
        wrong = _settled(lambda: _wrong_rows(thing) + _wrong_history(thing))
        if wrong and self.mend:
            side_by_side(events.with_months(_missing_events(change for change, _ in _history(thing))))
            derive.derive_again(thing)
            PROJECTIONS_REPAIRED.labels("repair").inc()
            wrong["unmended"] = (_wrong_rows(thing) + _wrong_history(thing)).total()
        return Counter(tasks=1) + wrong


class RowWalk(_Walk):
    """Over a derived table: does each row belong to its task?"""

    def __init__(self, projection: Projection, check: bool) -> None:
        super().__init__(projection.model.__table_name__, check)
        self.projection = projection

    def things(self, token: int) -> Iterator[tuple[Key, int]]:
        """Give the keys of rows, each with its token, from a token on."""
        return repair_queries.all_rows(self.projection, token)

    def look(self, thing: Key) -> Counts:
        """Look at a row, remove it if it is stray, and count."""
        stamp = _settled(lambda: self.stray(thing))
        if stamp is None:
            return Counter(rows=1)
        left = self.mend and not self.remove(thing, stamp)
        return Counter(rows=1, stray=1, unmended=int(left))

    def stray(self, key: Key) -> int | None:
        """Tell which timestamp hides a row that should not be there, and nothing that its task writes later.

        Row and timestamp are held against one read of the truth: a task that comes back to its place is not hidden.

        :return: microseconds; None for a row that is right
        """
        task = queries.get(key["task_id"], ConsistencyLevel.LOCAL_SERIAL)
        if task is None:
            # A creation may be under way. What is as old as this, its batch and all repeats of its request are past.
            return clock.micros(clock.now() - UNDER_WAY)
        if not task.exists:
            # Nothing is ever written for it again.
            return clock.micros(clock.now())
        row = self.projection.derive(task)
        if row is not None and all(getattr(row, name) == value for name, value in key.items()):
            return None
        return timestamp(task)

    def remove(self, key: Key, stamp: int) -> bool:
        """Hide what a row holds up to a timestamp; tell whether nothing is left of it."""
        self.projection.remove.run(**key, stamp=stamp)
        PROJECTIONS_REPAIRED.labels("repair").inc()
        return repair_queries.row_of(self.projection, key) is None


class ExpiryWalk(RowWalk):
    """Over the ends of tasks that are still to come: does each belong to a task that ends then?

    Of an end that has come, nobody can tell: the task is gone.
    """

    def things(self, token: int) -> Iterator[tuple[Key, int]]:
        """Give the ends that are to come, each with its token, from a token on."""
        names = (*self.projection.keys, "task_id")
        for event, at in all_of_kind("expired", token):
            row = {name: getattr(event, name) for name in names}
            if _is_to_come(row):
                yield row, at

    def stray(self, key: Key) -> int | None:
        """Tell which timestamp hides an end that should not come; None for one that should, or has come meanwhile."""
        return super().stray(key) if _is_to_come(key) else None


def _is_to_come(event: Key) -> bool:
    return clock.timeuuid_time(event["event_id"]) > clock.now()


def _wrong_rows(task_id: uuid.UUID) -> Counts:
    task = queries.get(task_id)
    counts: Counts = Counter()
    if task is None or not task.exists or task.has_expired(clock.now()):
        return counts
    for projection in PROJECTIONS:
        row = projection.derive(task)
        if row is None:
            continue
        found = repair_queries.row_of(projection, {name: getattr(row, name) for name in projection.keys})
        if found is None:
            counts["missing"] += 1
        elif found != row:
            counts["different"] += 1
    return counts


def _wrong_history(task_id: uuid.UUID) -> Counts:
    task = queries.get_present(task_id)
    if task is None:
        return Counter()
    history, now = list(_history(task_id)), clock.now()
    other = sum(not expiry.fits(task, left, now) for _, left in history)
    return +Counter(missing=len(_missing_events(change for change, _ in history)), different=other)


def _missing_events(history: Iterable[Change]) -> list[Write]:
    months: dict[events.Month, dict[uuid.UUID, Write]] = {}
    for change in history:
        for write in events.of(change):
            event = write.values
            months.setdefault((event["user_id"], event["month"]), {})[event["event_id"]] = write
    missing: list[Write] = []
    for (user_id, month), wanted in months.items():
        ids = list(wanted)
        for first in range(0, len(ids), derive.VERSIONS):
            some = ids[first:first + derive.VERSIONS]
            there = present(user_id, month, some)
            missing += [wanted[each] for each in some if each not in there]
    return missing


def _history(task_id: uuid.UUID) -> Iterator[tuple[Change, int | None]]:
    before = queries.NEWEST
    while found := queries.lifetimes(task_id, before, derive.VERSIONS):
        yield from found
        before = found[-1][0].version


def _settled(look: Callable[[], Found]) -> Found:
    found = look()
    for _ in range(LOOKS - 1):
        if not found:
            break
        time.sleep(LOOK_PAUSE)
        found = look()
    return found
