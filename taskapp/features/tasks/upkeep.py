"""What runs alongside requests: emptying the trash, of tasks and of projects."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from taskapp.cassandra.coordination.leases import Lease
from taskapp.cassandra.driver.work import working
from taskapp.cassandra.errors import CircuitOpen, DatabaseUnavailable, OutcomeUnknown
from taskapp.features.projects.operating import due, forget
from taskapp.features.tasks import queries
from taskapp.features.tasks.service import TaskService
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.operation import Operation
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings

log = logging.getLogger(__name__)
PURGE_SECONDS = 600


class Purger:
    """Permanently removes tasks that have been in the trash long enough; ``thread`` does so, in one process at a time.

    Each run looks at all days on which anything in the trash was moved there. So nothing is missed if no worker was up
    for a while, if the trash is now kept for fewer days, or if an earlier run was interrupted.
    """

    def __init__(self, settings: Settings) -> None:
        self._service, self._days = TaskService(settings), settings.trash_days
        self._lease = Lease("purge", seconds=PURGE_SECONDS)
        self.thread = Repeated("purge", PURGE_SECONDS / 2, self._purge_mine, (DatabaseUnavailable, OutcomeUnknown))

    def _purge_mine(self) -> None:
        if self._lease.take():
            self.purge(clock.now())
            self.purge_projects(clock.now())

    def purge_projects(self, at: datetime) -> int:
        """Remove the projects due at a given time with all their tasks; return their number."""
        removed = 0
        for project_id in due(at, self._days):
            if self.thread.stopped:
                break
            with _left_for_later(project_id=str(project_id)):
                if self._service.remove_all(project_id, BUILT_IN_USER, lambda: not self.thread.stopped):
                    forget(project_id)
                    removed += 1
        return removed

    def purge(self, at: datetime) -> int:
        """Remove the tasks due at a given time; return their number."""
        removed = 0
        for task_id in self._candidates(clock.midnight(at - timedelta(days=self._days))):
            if self.thread.stopped:
                break
            with _left_for_later(task_id=str(task_id)), working(budget=10):
                removed += self._service.purge(task_id, Operation(BUILT_IN_USER, at, clock.new_id()))
        return removed

    def _candidates(self, last: datetime) -> Iterator[uuid.UUID]:
        """Yield the tasks moved to the trash on or before a day; some of those of the day itself are not due yet."""
        for part in range(queries.TRASH_PARTS):
            with _left_for_later(part=part):
                for on, shard in queries.trash_days(part):
                    with _left_for_later(day=str(on), shard=shard):
                        yield from queries.trashed(on, shard) if on <= last else ()


@contextmanager
def _left_for_later(**what: object) -> Iterator[None]:
    """Continue with the others if one cannot be purged, unless none can be because the circuit is open."""
    try:
        yield
    except CircuitOpen:
        raise
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        log.warning("not purged: %s", error, extra=what)
    except Exception:
        # Any unexpected failure would otherwise stop every purge at the same point.
        log.exception("not purged", extra=what)
