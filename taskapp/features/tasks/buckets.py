"""Buckets: a project's tasks in partitions of about 20,000, by creation time.

The bucket of a task is a function of its creation time and the times at which buckets opened, so buckets hold disjoint
spans of time, and a page of the list by creation reads one of them. This requires that nobody (the writer, a repeat of
its request, a reader) uses a list of openings that lacks one whose time has come:

* A bucket opens ``bucket_notice`` after its announcement is carried out, by the clock of the node that does so. Neither
  the announcer's clock matters, nor how late a node carries out the announcement.
* A list comes from a serial read. An announcement that it lacks was carried out after that read began, so its bucket
  opens at least ``bucket_notice`` after that. A list is used for a third of that time, so any opening it lacks is at
  least two thirds away.

So walks are correct as long as no worker's clock is ahead of a node's by more than two thirds of ``bucket_notice``:
20 s by default. A clock that is behind does no harm. It does not matter how long a write takes, or when it is sent
again: its creation time is as old as its first attempt, its list is not.
"""

import logging
import threading
import time
import uuid
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.features.tasks import queries
from taskapp.settings import Settings

log = logging.getLogger(__name__)
# How many times a bucket is counted until it is full. One create in `bucket_size / COUNTS` counts for all of them, so a
# bucket is about 1/sqrt(COUNTS), 6 %, larger or smaller than it should be.
COUNTS = 300
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Openings:
    """When a project's buckets open, earliest first; bucket 0 has always been open."""

    times: tuple[datetime, ...]

    def bucket(self, created_at: datetime) -> int:
        """Return the bucket of a task created at a given time."""
        return bisect_right(self.times, created_at)

    @property
    def count(self) -> int:
        """How many buckets there are, announced ones included."""
        return len(self.times) + 1


class Buckets:
    """What this process knows about bucket openings; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._size, self._notice = settings.bucket_size, settings.bucket_notice
        self._fresh = settings.bucket_notice / 3
        self._sample = max(1, self._size // COUNTS)
        self._known: OrderedDict[uuid.UUID, tuple[float, Openings]] = OrderedDict()
        self._lock = threading.Lock()

    def openings(self, project_id: uuid.UUID, consistency: int | None = None) -> Openings:
        """Return the openings of a project's buckets, read at most ``bucket_notice / 3`` seconds ago.

        What is read at a caller's own consistency level is not cached: it must not make writers miss a bucket.
        """
        return self.all_openings((project_id,), consistency)[project_id]

    def all_openings(self, project_ids: Sequence[uuid.UUID], consistency: int | None = None
                     ) -> dict[uuid.UUID, Openings]:
        """Return the openings of the buckets of several projects, as ``openings`` does."""
        began = time.monotonic()
        found = {each: known[1] for each in project_ids
                 if (known := self._known.get(each)) and began - known[0] < self._fresh}
        missing = [each for each in project_ids if each not in found]
        read = queries.bucket_openings(missing, consistency) if missing else {}
        new = {project_id: Openings(tuple(times)) for project_id, times in read.items()}
        if consistency is None:
            self._remember(began, new)
        return found | new

    def _remember(self, began: float, new: dict[uuid.UUID, Openings]) -> None:
        with self._lock:
            for project_id, openings in new.items():
                self._known[project_id] = (began, openings)
                self._known.move_to_end(project_id)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def count(self, project_id: uuid.UUID, bucket: int, task_id: uuid.UUID) -> None:
        """Count a new task, and announce the next bucket when this one is full."""
        if task_id.int % self._sample:
            return
        try:
            self._count(project_id, bucket)
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            # The task is stored; a bucket that grows slightly past its size does no harm.
            log.warning("a task was not counted", extra={"error": str(error)})

    def _count(self, project_id: uuid.UUID, bucket: int) -> None:
        size = queries.count_task(project_id, bucket, self._sample)
        if size >= self._size and self.openings(project_id).count == bucket + 1:
            queries.announce_bucket(project_id, bucket + 1, self._notice)
            with self._lock:
                self._known.pop(project_id, None)
