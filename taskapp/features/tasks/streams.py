"""Streams: the wanted rows of one partition of a list, in order, read a step at a time.

A stream without a plan reads all rows. One with a plan asks the index for a mark. If it could ask for several things,
the first stream of a plan looks at a page of plain rows before: if each of them is frequent, a pass that the node
filters finds the next rows soon, and an index that combines frequent marks might be busy for long with finding none; if
one is rare, the index is quick. So a page needs no statistics.

The index has one order. Against it, what the index finds in a partition is read whole and turned round, if it is not
too much; otherwise a pass finds enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.tasks import marks, page_queries
from taskapp.features.tasks.models import ListedTask
from taskapp.features.tasks.narrowing import Narrowing
from taskapp.features.tasks.order import Order, Position
from taskapp.features.tasks.page_queries import AFTER_ALL, BEFORE_ALL, EARLIEST, LATEST, MAX_MARKS, Conditions, Source
from taskapp.kit import clock

# Rows read at a time, when the rows before them were not wanted.
MAX_SCAN = 1_000
# Of the first rows, one in so many must have what is asked for; against the stored order, one in so many be wanted.
DENSE, DENSE_REVERSED = 10, 50
# What the index finds in a partition is turned round up to this number.
MAX_TURNED = 1_200
# How the next rows are asked for, and taken.
Steps = tuple[Callable[[int], list[Answered[ListedTask]]], Callable[[list[list[ListedTask]]], None]]


@dataclass
class Plan:
    """How one conjunction of a filter is looked for in one project; its streams share what the first one learned.

    :ivar is_dense: whether a pass finds the next rows soon; None until that is known
    """

    narrowing: Narrowing
    is_dense: bool | None = None


class Stream:
    """The wanted rows of one partition after a position.

    :param wanted: decides about each row
    :param plan: how to look for wanted rows; None to read all
    :param is_bounded: never have the node pass over more rows than are returned: this is one of many partitions, each
        of which may be large
    :param since: only tasks whose due date changed since then
    :ivar rows: those found so far
    :ivar reached: up to where all are found; None before the first step
    :ivar ended: whether there are no more
    """

    def __init__(self, order: Order, source: Source, wanted: Callable[[ListedTask], bool], *,
                 plan: Plan | None = None, after: Position | None = None, since: datetime | None = None,
                 is_bounded: bool = False) -> None:
        self._order, self._source, self._wanted, self._since = order, source, wanted, since
        self._dated = bool(source.partition.get("dated"))
        self.rows: list[ListedTask] = []
        self.reached = after
        self.ended = False
        self._asked = self._seen = 0
        self._until: Position | None = None
        self._steps: Steps = (self._ask_plain, self._take_in_order)
        self._is_bounded = is_bounded
        if plan is not None:
            self._narrow(plan.narrowing)
            self._follow(plan)

    def ask(self, more: int) -> list[Answered[ListedTask]]:
        """Request rows, to find so many more."""
        return self._steps[0](more)

    def take(self, answers: Sequence[Answered[ListedTask]]) -> None:
        """Take the rows that were requested."""
        self._steps[1]([each.all() for each in answers])

    # -- Without an index

    def _ask_plain(self, more: int) -> list[Answered[ListedTask]]:
        self._asked = more if not self._seen else min(MAX_SCAN, max(more, 2 * self._asked))
        return [page_queries.plain(self._source, after=self.reached, limit=self._asked, since=self._since)]

    def _take_in_order(self, read: list[list[ListedTask]]) -> None:
        found, = read
        self._seen += len(found)
        self.rows += [row for row in found if self._wanted(row)]
        self._end_at(self._at(found[-1]) if len(found) == self._asked else None)

    def _at(self, row: ListedTask) -> Position:
        return Position.of(row, self._dated)

    def _end_at(self, reached: Position | None) -> None:
        if reached is None or (self._until is not None and not self._order.is_before(reached, self._until)):
            self.ended = True
        else:
            self.reached = reached

    # -- With one

    def _narrow(self, narrowing: Narrowing) -> None:
        source = self._source
        self._bound(*(narrowing.due if self._dated else narrowing.created))
        # A list by due date keeps tasks without one apart.
        has_due = narrowing.due != (None, None)
        self.ended = ((marks.NO_DATE,) in narrowing.anchors) if self._dated else source.by_due and has_due
        due = (narrowing.due[0] or EARLIEST, narrowing.due[1] or LATEST) if has_due and not source.by_due else None
        self._conditions = Conditions(narrowing.statuses, narrowing.priorities, due)
        single = [each[0] for each in narrowing.anchors if len(each) == 1]
        if not source.by_due:
            single += narrowing.words
        groups = [each for each in narrowing.anchors if len(each) > 1]
        # The marks to ask for: all of these, and one of those.
        self._marks = single[:MAX_MARKS]
        self._alternatives = min(groups, key=len) if groups and not single else ()
        self._groups = [*((each,) for each in single), *groups]
        self._due = narrowing.due if due else None

    def _follow(self, plan: Plan) -> None:
        """Choose the next step by what is known."""
        self._plan = plan
        is_stored_order, choices = self._source.is_stored_order, len(self._groups) + bool(self._due)
        if not choices or plan.is_dense:
            self._pass_over()
        elif is_stored_order and (plan.is_dense is False or (choices == 1 and not self._alternatives)):
            self._steps = self._ask_index, self._take_index
        elif plan.is_dense is False:
            self._steps = self._ask_whole, self._take_whole
        else:
            self._steps = self._ask_probe, self._take_probe

    def _pass_over(self) -> None:
        self._steps = (self._ask_plain if self._is_bounded else self._ask_pass), self._take_in_order

    def _bound(self, low: datetime | None, high: datetime | None) -> None:
        """Begin and end at the bounds of the sort key."""
        first = Position(self._dated, low, BEFORE_ALL) if low else None
        last = Position(self._dated, high, AFTER_ALL) if high else None
        begin, self._until = (last, first) if self._order.descending else (first, last)
        if begin and (self.reached is None or self._order.is_before(self.reached, begin)):
            self.reached = begin

    def _ask_probe(self, more: int) -> list[Answered[ListedTask]]:
        self._asked = more
        return [page_queries.plain(self._source, after=self.reached, limit=more)]

    def _take_probe(self, read: list[list[ListedTask]]) -> None:
        found, = read
        self._take_in_order(read)
        if self._plan.is_dense is None:
            self._plan.is_dense = (self._are_frequent(found) if self._source.is_stored_order
                                   else len(self.rows) * DENSE_REVERSED >= len(found))
        self._follow(self._plan)

    def _are_frequent(self, rows: Sequence[ListedTask]) -> bool:
        """Return whether each thing that the index could be asked for is frequent."""
        has = [marks.of_task(row, with_words=True) for row in rows if row.title is not None]
        counts = [sum(not each.isdisjoint(group) for each in has) for group in self._groups]
        if self._due:
            low, high = (clock.rfc3339(each) if each else None for each in self._due)
            counts.append(sum(row.due_date is not None and (low is None or low <= row.due_date)
                              and (high is None or row.due_date <= high) for row in rows))
        return min(counts) * DENSE >= len(rows)

    def _ask_pass(self, more: int) -> list[Answered[ListedTask]]:
        self._asked = more if not self._seen else min(MAX_SCAN, max(more, 2 * self._asked))
        return [page_queries.filtered_pass(self._source, self._conditions, after=self.reached, until=self._until,
                                           limit=self._asked)]

    def _ask_index(self, more: int) -> list[Answered[ListedTask]]:
        self._asked = more if not self._seen else min(MAX_SCAN, max(more, 2 * self._asked))
        return self._ask_marked(self.reached, self._asked)

    def _ask_marked(self, after: Position | None, limit: int) -> list[Answered[ListedTask]]:
        return [page_queries.marked(self._source, self._conditions.due, each, after=after, limit=limit)
                for each in ([[one] for one in self._alternatives] or [self._marks])]

    def _take_index(self, read: list[list[ListedTask]]) -> None:
        reached = self._order.first(self._at(found[-1]) for found in read if len(found) == self._asked)
        self._seen += sum(map(len, read))
        found = read[0] if len(read) == 1 else self._order.up_to(self._order.merged(read), reached)
        self.rows += [row for row in found if self._wanted(row)]
        self._end_at(reached)

    def _ask_whole(self, more: int) -> list[Answered[ListedTask]]:
        return self._ask_marked(None, MAX_TURNED + 1)

    def _take_whole(self, read: list[list[ListedTask]]) -> None:
        if any(len(found) > MAX_TURNED for found in read):
            self._pass_over()
            return
        found = self._order.merged([each[::-1] for each in read])
        self.rows += [row for row in found if self._wanted(row)
                      and (self.reached is None or self._order.is_before(self.reached, self._order.position(row)))]
        self.ended = True
