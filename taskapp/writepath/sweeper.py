"""The sweeper: finishes changes that nobody else will, because their worker died or never learned their outcome.

Every worker runs one; a lease gives each shard of the intents to one of them, and to another within seconds of its
death. Sweeping twice is harmless, since projections are derived from the truth each time.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cassandra.cqlengine import columns

from taskapp.cassandra.coordination.leases import Lease
from taskapp.cassandra.driver.metrics import PROJECTIONS_REPAIRED
from taskapp.cassandra.driver.work import working
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.mapper import Column, Insert, Select, Table, bind
from taskapp.kit import clock
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings
from taskapp.writepath import intents
from taskapp.writepath.aggregate import Aggregate
from taskapp.writepath.intents import Intent

log = logging.getLogger(__name__)
# Shorter than the time within which lists must be consistent again after a worker's death (10 s).
LEASE_SECONDS = 5
# How long after its minute a note may appear: the writer may pause between reading the clock and sending.
LATE = timedelta(minutes=3)
# Notes live for a day, so there is nothing older to find.
OLDEST = timedelta(days=1)


class Sweep(Table):
    """How far has a shard been swept? One row per shard."""

    __table_name__ = "sweeps"
    shard: Column[int] = columns.Integer(partition_key=True)
    swept_to: Column[datetime] = columns.DateTime()


_SWEPT = Select("sweeps.swept_to", Sweep.objects.filter(Sweep.shard == bind("shard")))
# The latest time wins, whatever the sweepers' clocks say.
_SET_SWEPT = Insert("sweeps.set", Sweep, timestamp=bind("stamp"))


class Sweeper:
    """Looks for unfinished changes; ``thread`` does so periodically.

    :param aggregates: by kind
    """

    def __init__(self, settings: Settings, aggregates: Mapping[str, Aggregate[Any]]) -> None:
        self._aggregates, self._age = aggregates, timedelta(seconds=settings.sweep_age)
        self._leases = [Lease(f"sweep/{shard}", LEASE_SECONDS) for shard in range(intents.SHARDS)]
        self.thread = Repeated("sweep", settings.sweep_interval, self._sweep_mine,
                               (DatabaseUnavailable, OutcomeUnknown))

    def _sweep_mine(self) -> None:
        for shard, lease in enumerate(self._leases):
            if lease.take():
                self.sweep(shard)

    def sweep(self, shard: int) -> int:
        """Finish the unfinished changes of a shard; return the number of changes looked at."""
        now = clock.now()
        swept = _SWEPT.one(shard=shard)
        since = max(swept.swept_to, now - OLDEST) if swept else now - LATE
        looked = 0
        for minute in intents.minutes(since, now):
            for intent in intents.unfinished(shard, minute, now - self._age):
                if self.thread.stopped:
                    return looked
                self._look(intent, now)
                looked += 1
        if not swept or minute - since > LATE:
            swept_to = intents.minute(now) - LATE
            _SET_SWEPT.run(shard=shard, swept_to=swept_to, stamp=clock.micros(swept_to))
        return looked

    def _look(self, intent: Intent, now: datetime) -> None:
        with working(budget=10):
            if self._finished(intent):
                intent.drop()
                PROJECTIONS_REPAIRED.labels("sweeper").inc()
                log.warning("finished a change that its worker left", extra={"kind": intent.kind, "id": str(intent.id)})
            else:
                intent.put_off(now - self._age + max(self._age, (now - intent.noted_at) / 4))

    def _finished(self, intent: Intent) -> bool:
        try:
            return self._aggregates[intent.kind].finish(intent.id, intent.change_id)
        except (DatabaseUnavailable, OutcomeUnknown):
            raise
        except Exception:
            # A change that cannot be finished must not block those after it.
            log.exception("a change cannot be finished", extra={"kind": intent.kind, "id": str(intent.id)})
            return False
