"""Limits that all processes share, and that outlive them: how often a key was used, by time window.

Each process writes its own count to its own row, so a count may be sent twice, expires by itself, and needs no counter
column. It does so not on every use but after an eighth of what is left: some forty times for a quota of 600, and on
every use near its end. Requests that several processes admit at the same moment may exceed the quota by one per
process; no more than an eighth of what was left is forgotten when a process dies.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import LRUCache
from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Insert, Select, Table, bind
from taskapp.kit.rate import Rate

# Keys whose use a process remembers.
MAX_KEYS = 20_000
SHARE = 8


class Used(Table):
    """How often was this key used in a time window, and by which process? A few rows, gone after three windows."""

    __table_name__ = "rate_windows"
    __options__ = {"compaction": {"class": "org.apache.cassandra.db.compaction.UnifiedCompactionStrategy"},
                   "gc_grace_seconds": 3600}
    policy: Column[str] = columns.Text(partition_key=True)
    key: Column[str] = columns.Text(partition_key=True)
    window: Column[int] = columns.BigInt(primary_key=True, clustering_order="DESC")
    process: Column[uuid.UUID] = columns.UUID(primary_key=True)
    used: Column[int] = columns.Integer()


# With the timestamp of the clock, which is that of the one process that writes the row.
_PUT = Insert("rates.put", Used, ttl=bind("ttl"))
_GET = Select("rates.get", Used.objects.filter(Used.policy == bind("policy"), Used.key == bind("key"),
                                               Used.window >= bind("window")))


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a use is allowed; how many are left after it, and the seconds until the window, or the wait, is over."""

    allowed: bool
    left: int
    reset: float


@dataclass(slots=True)
class _Use:
    """What is known about a key: uses in this window by this process and by others, and all uses in the one before."""

    window: int
    mine: int = 0
    told: int = 0
    others: int = 0
    before: int = 0
    asked: bool = field(default=False)

    @property
    def here(self) -> int:
        return self.mine + self.others


class Limiter:
    """One policy, such as ``writes``, for any number of keys.

    :param clock: seconds since 1970
    """

    def __init__(self, policy: str, rate: Rate, clock: Callable[[], float] = time.time) -> None:
        self.policy, self.rate, self._clock = policy, rate, clock
        self._process = uuid.uuid4()
        self._lock = threading.Lock()
        self._uses: LRUCache[str, _Use] = LRUCache(MAX_KEYS)

    def take(self, key: str) -> Decision:
        """Use one, if any is left."""
        at = self._clock()
        with self._lock:
            use = self._use(key, self.rate.window(at))
            if self._full(use, at):
                return self._decision(use, at, allowed=False)
            use.mine += 1
            if use.asked and not self._due(use, at):
                return self._decision(use, at, allowed=True)
        self._share(key, use)
        with self._lock:
            # What others used in the meantime is known now: there may have been nothing left.
            allowed = self.rate.used(at, use.before, use.here) <= self.rate.quota
            if not allowed:
                use.mine -= 1
            return self._decision(use, at, allowed=allowed)

    def _use(self, key: str, window: int) -> _Use:
        use = self._uses.get(key)
        if use is None or use.window != window:
            use = self._uses[key] = _Use(window)
        return use

    def _full(self, use: _Use, at: float) -> bool:
        return self.rate.used(at, use.before, use.here) + 1 > self.rate.quota

    def _due(self, use: _Use, at: float) -> bool:
        left = self.rate.quota - self.rate.used(at, use.before, use.here)
        return use.mine - use.told >= max(1, left // SHARE)

    def _share(self, key: str, use: _Use) -> None:
        """Write what this process has used, then read what others have: of two that do so, one sees the other."""
        mine = use.mine
        _PUT.run(policy=self.policy, key=key, window=use.window, process=self._process, used=mine,
                 ttl=3 * self.rate.seconds)
        rows = _GET.all(policy=self.policy, key=key, window=use.window - 1)
        with self._lock:
            use.told, use.asked = max(use.told, mine), True
            use.others = sum(row.used for row in rows if row.window == use.window and row.process != self._process)
            use.before = sum(row.used for row in rows if row.window == use.window - 1)

    def _decision(self, use: _Use, at: float, *, allowed: bool) -> Decision:
        left = max(0, int(self.rate.quota - self.rate.used(at, use.before, use.here)))
        rest = self.rate.seconds - at % self.rate.seconds
        return Decision(allowed, left, rest if left else self.rate.wait(at, use.before, use.here))
