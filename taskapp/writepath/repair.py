"""Repair: checking every projection against the truth, and deriving again what disagrees.

There are two kinds of walk around the ring. One goes over the truth and looks for rows that are missing or different;
the other goes over a derived table and looks for rows that should not be there. Each walk records its progress.
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

from taskapp.cassandra.coordination import progress
from taskapp.cassandra.driver.metrics import PROJECTIONS_REPAIRED
from taskapp.kit import clock
from taskapp.writepath import repair_queries
from taskapp.writepath.aggregate import Aggregate, Change, ChangeConsumer
from taskapp.writepath.projections import Projection, Write, side_by_side

FIRST_TOKEN, LAST_TOKEN = -(2**63), 2**63 - 1
TOGETHER, AT_ONCE = 256, 16
# A task that disagrees is checked again before it counts: one that is being changed agrees a moment later.
LOOKS, LOOK_PAUSE = 3, 0.5
# A row without a task is left alone while it is younger than this: the batch that creates the task may be carried out
# late, and a request can be repeated with its key for a day.
UNDER_WAY = timedelta(days=2)

Found = TypeVar("Found")
Counts = Counter[str]
Key = dict[str, Any]
# Called with the name of a walk, the fraction done, and the counts so far.
Report = Callable[[str, float, Counts], None]


def repair(aggregates: Iterable[Aggregate[Any]], *, check: bool, anew: bool, report: Report) -> Counts:
    """Walk over all aggregates and derived rows; without ``check``, repair what disagrees.

    :param anew: start from the beginning, even if an earlier run was interrupted
    :return: the number of ``tasks`` (and so on, by kind) and ``rows`` checked; of ``missing``, ``different`` and
        ``stray`` rows found; and of ``unmended`` ones: rows that somebody removed by hand with a timestamp later than
        the aggregate's own (truncate the table and repair again), and rows without an aggregate that are so young that
        it may still arrive
    """
    total: Counts = Counter()
    for walk in _walks(aggregates, check):
        total += walk.run(anew, report)
    return total


def _walks(aggregates: Iterable[Aggregate[Any]], check: bool) -> Iterator["_Walk"]:
    for aggregate in aggregates:
        yield _TruthWalk(aggregate, check)
        yield from (RowWalk(aggregate, each, check) for each in aggregate.projections)


class _Walk:
    """A walk around the ring, in token order."""

    def __init__(self, name: str, check: bool) -> None:
        self.name, self.mend = f"{'check' if check else 'repair'} {name}", not check

    def things(self, token: int) -> Iterator[tuple[Any, int]]:
        """Yield the things to check, each with its token, starting at a token."""
        raise NotImplementedError

    def look(self, thing: Any) -> Counts:
        """Check one thing, repair it if asked to, and return the counts."""
        raise NotImplementedError

    def run(self, anew: bool, report: Report) -> Counts:
        """Walk the ring, resuming where an earlier run was interrupted."""
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
    """A walk over the truth: is each derived row there, and right?"""

    def __init__(self, aggregate: Aggregate[Any], check: bool) -> None:
        super().__init__(f"{aggregate.kind}s", check)
        self._aggregate = aggregate

    def things(self, token: int) -> Iterator[tuple[uuid.UUID, int]]:
        return self._aggregate.all_ids(token)

    def look(self, thing: uuid.UUID) -> Counts:
        wrong = _settled(lambda: self._wrong(thing)[0])
        if wrong and self.mend:
            # Needed besides `derive_again`, which covers the latest changes only.
            side_by_side(self._wrong(thing)[1])
            self._aggregate.derive_again(thing)
            PROJECTIONS_REPAIRED.labels("repair").inc()
            wrong["unmended"] = self._wrong(thing)[0].total()
        return Counter({self.name.split()[1]: 1}) + wrong

    def _wrong(self, id_: uuid.UUID) -> tuple[Counts, list[Write]]:
        """Count what is wrong, and return the writes of consumers' rows that are missing."""
        thing = self._aggregate.load(id_)
        counts: Counts = Counter()
        if thing is None or self._aggregate.has_expired(thing):
            return counts, []
        if not self._aggregate.is_removed(thing):
            counts += _wrong_rows(self._aggregate.projections, thing)
        history, different = self._aggregate.wrong_history(thing)
        missing = _missing(self._aggregate.consumers, history)
        # Constant rows are not looked for, only written beside rows that are missing.
        known = sum(not write.projection.is_constant for write in missing)
        return counts + Counter(missing=known, different=different), missing


class RowWalk(_Walk):
    """A walk over a derived table: does each row belong to its aggregate?"""

    def __init__(self, aggregate: Aggregate[Any], projection: Projection, check: bool) -> None:
        super().__init__(projection.model.__table_name__, check)
        self.projection, self._aggregate = projection, aggregate

    def things(self, token: int) -> Iterator[tuple[Key, int]]:
        """Yield the keys of rows, each with its token, starting at a token."""
        found = repair_queries.all_keys(self.projection, token)
        return ((key, at) for key, at in found if self.projection.is_open(key))

    def look(self, thing: Key) -> Counts:
        """Check a row, remove it if it is stray and repair was asked for, and return the counts."""
        stamp = _settled(lambda: self.stray(thing))
        if stamp is None:
            return Counter(rows=1)
        left = self.mend and not self.remove(thing, stamp)
        return Counter(rows=1, stray=1, unmended=int(left))

    def stray(self, key: Key) -> int | None:
        """Return the timestamp that hides a row that should not be there, but nothing written later.

        Both the check and the timestamp come from one read of the truth, so a row that comes back to its place is not
        hidden.

        :return: microseconds; None for a row that is right
        """
        if not self.projection.is_open(key):
            return None
        thing = self._aggregate.load(key[self.projection.id_column], ConsistencyLevel.LOCAL_SERIAL)
        if thing is None:
            # A creation may be under way. For a row as old as this, its batch and all repeats of its request are over.
            return clock.micros(clock.now() - UNDER_WAY)
        if self._aggregate.is_removed(thing):
            # Nothing will ever be written for it again.
            return clock.micros(clock.now())
        if any(all(getattr(row, name) == value for name, value in key.items())
               for row in self.projection.derive(thing)):
            return None
        return self._aggregate.timestamp(thing)

    def remove(self, key: Key, stamp: int) -> bool:
        """Delete a row's cells up to a timestamp; return whether nothing is left of it."""
        self.projection.remove.run(**key, stamp=stamp)
        PROJECTIONS_REPAIRED.labels("repair").inc()
        return repair_queries.row_of(self.projection, key) is None


def _wrong_rows(projections: Iterable[Projection], thing: Any) -> Counts:
    counts: Counts = Counter()
    for projection, row in ((each, row) for each in projections for row in each.derive(thing)):
        found = repair_queries.row_of(projection, row.as_dict())
        if found is None:
            counts["missing"] += 1
        elif found != row:
            counts["different"] += 1
    return counts


def _missing(consumers: Iterable[ChangeConsumer], history: list[Change]) -> list[Write]:
    return [write for consumer in consumers for write in consumer.missing(history)]


def _settled(look: Callable[[], Found]) -> Found:
    found = look()
    for _ in range(LOOKS - 1):
        if not found:
            break
        time.sleep(LOOK_PAUSE)
        found = look()
    return found
