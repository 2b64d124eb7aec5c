"""Streams: the wanted rows of one partition of a list, in order, read a step at a time.

A stream without a narrowing reads all rows. One with a narrowing first looks at as many rows as are wanted, as if there
were no filter: if many of them meet it, it goes on with a pass that the node filters; if few do, it asks the index. So
a page needs no statistics, and a filter that most tasks meet costs what it costs to read them.

The index has one order. Against it, what the index finds in a partition is read whole and turned round, if it is not
too much; otherwise a pass finds enough.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.tasks import page_queries
from taskapp.features.tasks.marks import NO_DATE
from taskapp.features.tasks.models import ListedTask
from taskapp.features.tasks.narrowing import Narrowing
from taskapp.features.tasks.page_queries import FIRST_PLACE, LAST_PLACE, MAX_MARKS, Conditions, Place, Source
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key

# Rows read at a time, when the rows before them were not wanted.
MAX_SCAN = 1_000
# Of the first rows, one in so many must be wanted for a pass.
DENSE, DENSE_REVERSED = 10, 50
# What the index finds in a partition is turned round up to this number.
MAX_TURNED = 400
Ask = Callable[[int], list[Answered[ListedTask]]]


def place_of(row: ListedTask) -> Place:
    """Return the place of a row in its partition, even if the row is incomplete."""
    return clock.parsed(row.key), uuid.UUID(row.task_id)


def order(place: Place) -> tuple[datetime, Any]:
    """Return what places sort by, as the server does."""
    return place[0], uuid_key(place[1])


class Stream:
    """The wanted rows of one partition after a place.

    :param wanted: decides about each row
    :param narrowing: what wanted rows have; None to read all
    :param since: only tasks whose due date changed since then
    :ivar rows: those found so far
    :ivar reached: up to where all are found; None before the first step
    :ivar ended: whether there are no more
    """

    def __init__(self, source: Source, wanted: Callable[[ListedTask], bool], *, narrowing: Narrowing | None = None,
                 after: Place | None = None, since: datetime | None = None) -> None:
        self._source, self._wanted, self._since = source, wanted, since
        self.rows: list[ListedTask] = []
        self._begun = self.reached = after
        self.ended = False
        self._asked = self._seen = 0
        self._until: Place | None = None
        self._step: Callable[[int], list[Answered[ListedTask]]] = self._ask_plain
        if narrowing is not None:
            self._narrow(narrowing)

    @property
    def has_moved(self) -> bool:
        """Whether it got any further."""
        return self.ended or self.reached != self._begun

    def ask(self, limit: int) -> list[Answered[ListedTask]]:
        """Request the next rows, to reach a number of them."""
        return self._step(limit - len(self.rows))

    def take(self, answers: Sequence[Answered[ListedTask]]) -> None:
        """Take the rows that were requested."""
        self._take([each.all() for each in answers])

    # -- Without an index

    def _ask_plain(self, missing: int) -> list[Answered[ListedTask]]:
        self._asked = missing if not self._seen else min(MAX_SCAN, max(missing, 2 * self._asked))
        return [page_queries.plain(self._source, after=self.reached, limit=self._asked, since=self._since)]

    def _take_in_order(self, read: list[list[ListedTask]]) -> None:
        found, = read
        self._seen += len(found)
        self.rows += [row for row in found if self._wanted(row)]
        self._end_at(place_of(found[-1]) if len(found) == self._asked else None)

    def _end_at(self, reached: Place | None) -> None:
        if reached is None or (self._until is not None and not self._is_before(reached, self._until)):
            self.ended = True
        else:
            self.reached = reached

    _take = _take_in_order

    # -- With one

    def _narrow(self, narrowing: Narrowing) -> None:
        source = self._source
        dated = source.by_due and source.partition["dated"]
        self._bound(*(narrowing.due if dated else narrowing.created))
        # A list by due date keeps tasks without one apart.
        self.ended = ((NO_DATE,) in narrowing.anchors) if dated else source.by_due and narrowing.due != (None, None)
        due = None if source.by_due or narrowing.due == (None, None) else (
            narrowing.due[0] or FIRST_PLACE[0], narrowing.due[1] or LAST_PLACE[0])
        self._conditions = Conditions(narrowing.statuses, narrowing.priorities, due)
        single = [each[0] for each in narrowing.anchors if len(each) == 1]
        if not source.by_due:
            single += narrowing.words
        groups = [each for each in narrowing.anchors if len(each) > 1]
        # The marks to ask for: all of these, and one of those.
        self._marks = single[:MAX_MARKS]
        self._alternatives = min(groups, key=len) if groups and not single else ()
        if not self._marks and not self._alternatives and not due:
            self._begin_pass()
        elif len(single) + len(groups) + bool(due) == 1 and not self._alternatives and source.is_stored_order:
            self._begin_index()
        else:
            self._step, self._take = self._ask_probe, self._take_probe  # type: ignore[method-assign]

    def _bound(self, low: datetime | None, high: datetime | None) -> None:
        """Begin and end at the bounds of the sort key."""
        first, last = ((low, FIRST_PLACE[1]) if low else None), ((high, LAST_PLACE[1]) if high else None)
        begin, self._until = (last, first) if self._source.descending else (first, last)
        if begin and (self.reached is None or self._is_before(self.reached, begin)):
            self.reached = begin

    def _is_before(self, one: Place, other: Place) -> bool:
        return order(one) > order(other) if self._source.descending else order(one) < order(other)

    def _ask_probe(self, missing: int) -> list[Answered[ListedTask]]:
        self._asked = missing
        return [page_queries.plain(self._source, after=self.reached, limit=missing)]

    def _take_probe(self, read: list[list[ListedTask]]) -> None:
        self._take_in_order(read)
        share = DENSE if self._source.is_stored_order else DENSE_REVERSED
        if len(self.rows) * share >= self._seen:
            self._begin_pass()
        elif self._source.is_stored_order:
            self._begin_index()
        else:
            self._step, self._take = self._ask_whole, self._take_whole  # type: ignore[method-assign]

    def _begin_pass(self) -> None:
        self._step, self._take = self._ask_pass, self._take_in_order  # type: ignore[method-assign]

    def _ask_pass(self, missing: int) -> list[Answered[ListedTask]]:
        self._asked = missing if not self._seen else min(MAX_SCAN, max(missing, 2 * self._asked))
        return [page_queries.filtered_pass(self._source, self._conditions, after=self.reached, until=self._until,
                                           limit=self._asked)]

    def _begin_index(self) -> None:
        self._step, self._take = self._ask_index, self._take_index  # type: ignore[method-assign]

    def _ask_index(self, missing: int) -> list[Answered[ListedTask]]:
        self._asked = missing if not self._seen else min(MAX_SCAN, max(missing, 2 * self._asked))
        return self._ask_marked(self.reached, self._asked)

    def _ask_marked(self, after: Place | None, limit: int) -> list[Answered[ListedTask]]:
        return [page_queries.marked(self._source, self._conditions, marks, after=after, limit=limit)
                for marks in ([[each] for each in self._alternatives] or [self._marks])]

    def _take_index(self, read: list[list[ListedTask]]) -> None:
        full = [place_of(found[-1]) for found in read if len(found) == self._asked]
        reached = (max if self._source.descending else min)(full, key=order) if full else None
        self._seen += sum(map(len, read))
        for row in self._merged(read):
            if reached and self._is_before(reached, place_of(row)):
                break
            if self._wanted(row):
                self.rows.append(row)
        self._end_at(reached)

    def _ask_whole(self, missing: int) -> list[Answered[ListedTask]]:
        return self._ask_marked(None, MAX_TURNED + 1)

    def _take_whole(self, read: list[list[ListedTask]]) -> None:
        if any(len(found) > MAX_TURNED for found in read):
            self._begin_pass()
            return
        self.rows += [row for row in self._merged(read, turned=True)
                      if (self.reached is None or self._is_before(self.reached, place_of(row))) and self._wanted(row)]
        self.ended = True

    def _merged(self, read: list[list[ListedTask]], *, turned: bool = False) -> Iterable[ListedTask]:
        streams = [found[::-1] if turned else found for found in read]
        return merged(streams, descending=self._source.descending) if len(streams) > 1 else streams[0]


def merged(streams: Sequence[Iterable[ListedTask]], *, descending: bool) -> Iterable[ListedTask]:
    """Merge rows that are each in order."""
    return merge(*streams, key=lambda row: order(place_of(row)), reverse=descending)


def fill(streams: Sequence[Stream], limit: int, is_over: Callable[[], bool]) -> None:
    """Read until each stream has ``limit`` rows or has ended, or the time is over; all streams at once."""
    while pending := [each for each in streams if not each.ended and len(each.rows) < limit]:
        asked = [(each, each.ask(limit)) for each in pending]
        for stream, answers in asked:
            stream.take(answers)
        if is_over() and all(each.has_moved for each in streams):
            return


def together(streams: Sequence[Stream], limit: int, *, descending: bool) -> tuple[list[ListedTask], Place | None]:
    """Merge what streams found, each row once; also return up to where that is all, unless it is all there is."""
    reached = [each.reached for each in streams if not each.ended and each.reached]
    frontier = (max if descending else min)(reached, key=order) if reached else None
    if len(streams) == 1:
        return streams[0].rows[:limit], frontier
    rows = {row.task_id: row for row in merged([each.rows for each in streams], descending=descending)}.values()
    if frontier is None:
        return list(islice(rows, limit)), None
    end = order(frontier)
    known = (row for row in rows if (order(place_of(row)) >= end if descending else order(place_of(row)) <= end))
    return list(islice(known, limit)), frontier
