"""Lanes: the list of one project, segment by segment; a page merges the lanes of all projects it is about.

By creation, a segment is a bucket. A lane opens one segment at first, and if few of its tasks are wanted, several at a
time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.tasks.models import ListedTask
from taskapp.features.tasks.order import Order, Position
from taskapp.features.tasks.streams import Stream

# Segments that one lane reads at the same time.
MAX_WIDTH = 4
# Rows that each of many lanes is asked for at first.
FEW = 8
Asked = list[tuple[Stream, list[Answered[ListedTask]]]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Partitions whose rows are merged.

    :param begin: a position before all of its rows
    """

    partitions: tuple[dict[str, Any], ...]
    begin: Position


class Lane:
    """The wanted rows of one project after a position.

    :param segments: the project's segments, beginning with the one that the position is in
    :param opened: makes the streams of a segment
    """

    def __init__(self, order: Order, segments: Iterator[Segment], opened: Callable[[Segment], list[Stream]]) -> None:
        self._order, self._segments, self._opened = order, segments, opened
        self._done: list[ListedTask] = []
        self._open: list[tuple[Segment, list[Stream]]] = []
        self._width = 1
        self._settle()
        self._begun = self.reached

    @property
    def reached(self) -> Position | None:
        """Up to where all rows are found; None if there are no others."""
        if not self._open:
            return None
        segment, streams = self._open[0]
        return self._order.first(each.reached or segment.begin for each in streams if not each.ended)

    @property
    def has_moved(self) -> bool:
        """Whether it got any further."""
        return self.reached != self._begun

    def rows(self) -> list[ListedTask]:
        """Return the rows up to where it reached."""
        if not self._open:
            return self._done
        streams = self._open[0][1]
        found = self._merged(streams)
        # One stream has nothing beyond where it reached.
        return self._done + (found if len(streams) == 1 else self._order.up_to(found, self.reached))

    def ask(self, more: int) -> Asked:
        """Request further rows of what is furthest back, and the first ones of what is open ahead."""
        reached = self.reached
        return [(stream, stream.ask(more)) for number, (_, streams) in enumerate(self._open) for stream in streams
                if not stream.ended and (not stream.reached or (number == 0 and stream.reached == reached))]

    def take(self, asked: Asked) -> None:
        """Take the rows that were requested."""
        for stream, answers in asked:
            stream.take(answers)
        self._settle()

    def _settle(self) -> None:
        """Close segments that are read, and open others."""
        while True:
            while self._open and all(stream.ended for stream in self._open[0][1]):
                self._done += self._merged(self._open.pop(0)[1])
            if not self._open:
                self._open = [(each, self._opened(each)) for each in islice(self._segments, self._width)]
                self._width = min(MAX_WIDTH, 2 * self._width)
            if not self._open or not all(stream.ended for stream in self._open[0][1]):
                return

    def _merged(self, streams: list[Stream]) -> list[ListedTask]:
        """Merge what streams found; a task that several branches of a filter want is there once."""
        if len(streams) == 1:
            return streams[0].rows
        return list({row.task_id: row for row in self._order.merged([each.rows for each in streams])}.values())


def read(order: Order, lanes: Sequence[Lane], limit: int, is_over: Callable[[], bool]
         ) -> tuple[list[ListedTask], Position | None]:
    """Read until ``limit`` rows are found, or there are no more, or the time is over.

    :return: the rows, and up to where they are all that are wanted; None if there are no others
    """
    more = limit if len(lanes) == 1 else max(FEW, 2 * limit // max(1, len(lanes)))
    while True:
        known = list(islice(order.merged([each.rows() for each in lanes]), limit))
        goal = order.position(known[-1]) if len(known) == limit else None
        behind = [each for each in lanes if each.reached and (goal is None or order.is_before(each.reached, goal))]
        reached = order.first(each.reached for each in lanes if each.reached)
        if not behind:
            return known, reached
        if is_over() and all(each.has_moved for each in lanes):
            return order.up_to(known, reached), reached
        asked = [(lane, lane.ask(min(more, limit))) for lane in behind]
        for lane, requested in asked:
            lane.take(requested)
        more *= 2
