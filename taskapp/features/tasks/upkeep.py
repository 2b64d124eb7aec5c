"""What runs beside the requests: finishing what a dead worker left, and emptying the trash."""

from datetime import datetime, timedelta

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.leases import Lease
from taskapp.cassandra.sweeper import Sweeper
from taskapp.cassandra.work import working
from taskapp.features.tasks import queries
from taskapp.features.tasks.derive import finish
from taskapp.features.tasks.projections import TRASH_SHARDS, day
from taskapp.features.tasks.service import TaskService
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.operation import Operation
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings

PURGE_SECONDS = 600
# Days before the due one that are looked at, too: when no worker was up on that day.
DAYS_BACK = 7


class Purger:
    """Removes for good what was in the trash for long enough; ``thread`` does so, in one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self._service, self._days = TaskService(settings), settings.trash_days
        self._lease = Lease("purge", seconds=PURGE_SECONDS)
        self.thread = Repeated("purge", PURGE_SECONDS / 2, self._purge_mine, (DatabaseUnavailable, OutcomeUnknown))

    def _purge_mine(self) -> None:
        if self._lease.take():
            self.purge(clock.now())

    def purge(self, at: datetime) -> int:
        """Remove what is due at a time; return the number of tasks."""
        due = day(at - timedelta(days=self._days))
        removed = 0
        for back in range(DAYS_BACK + 1):
            for shard in range(TRASH_SHARDS):
                for task_id in queries.trashed(due - timedelta(days=back), shard):
                    with working(budget=10):
                        removed += self._service.purge(task_id, Operation(BUILT_IN_USER, at, clock.new_id()))
        return removed


class Upkeep:
    """All of it."""

    def __init__(self, settings: Settings) -> None:
        self.threads = (Sweeper(settings, finish).thread, Purger(settings).thread)

    def start(self) -> None:
        """Begin."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """End."""
        for thread in self.threads:
            thread.stop()
