"""What runs beside the requests: finishing what a dead worker left, and emptying the trash."""

import logging
import threading
from datetime import datetime, timedelta

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.leases import Lease
from taskapp.cassandra.sweeper import Sweeper
from taskapp.cassandra.work import working
from taskapp.features.tasks import queries
from taskapp.features.tasks.derive import derive_again
from taskapp.features.tasks.projections import TRASH_SHARDS, day
from taskapp.features.tasks.service import TaskService
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.operation import Operation
from taskapp.settings import Settings

log = logging.getLogger(__name__)
PURGE_SECONDS = 600
# Days before the due one that are looked at, too: when no worker was up on that day.
DAYS_BACK = 7


class Purger:
    """A thread that removes for good what was in the trash for long enough; one process at a time does it."""

    def __init__(self, settings: Settings) -> None:
        self._service, self._days = TaskService(settings), settings.trash_days
        self._lease = Lease("purge", seconds=PURGE_SECONDS)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="purger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.wait(PURGE_SECONDS / 2):
            try:
                if self._lease.take():
                    self.purge(clock.now())
            except (DatabaseUnavailable, OutcomeUnknown) as error:
                log.info("purge put off: %s", error)
            except Exception:
                # Whatever it is, the next round may succeed; a dead purger would not.
                log.exception("purge failed")

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
        self._threads = (Sweeper(settings, derive_again), Purger(settings))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End."""
        for thread in self._threads:
            thread.stop()
