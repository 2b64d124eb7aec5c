"""What runs beside the requests: emptying the trash."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from taskapp.cassandra.errors import CircuitOpen, DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.leases import Lease
from taskapp.cassandra.work import working
from taskapp.features.tasks import queries
from taskapp.features.tasks.projections import day
from taskapp.features.tasks.service import TaskService
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.operation import Operation
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings

log = logging.getLogger(__name__)
PURGE_SECONDS = 600


class Purger:
    """Removes for good what was in the trash for long enough; ``thread`` does so, in one process at a time.

    Each time it looks at all days that anything in the trash is of. So nothing is forgotten, be it that no worker was
    up for a while, that the trash is to be kept for fewer days than before, or that an earlier look was cut off.
    """

    def __init__(self, settings: Settings) -> None:
        self._service, self._days = TaskService(settings), settings.trash_days
        self._lease = Lease("purge", seconds=PURGE_SECONDS)
        self.thread = Repeated("purge", PURGE_SECONDS / 2, self._purge_mine, (DatabaseUnavailable, OutcomeUnknown))

    def _purge_mine(self) -> None:
        if self._lease.take():
            self.purge(clock.now())

    def purge(self, at: datetime) -> int:
        """Remove what is due at a time; return the number of tasks."""
        removed = 0
        for task_id in self._candidates(day(at - timedelta(days=self._days))):
            if self.thread.stopped:
                break
            with _left_for_later(task_id=str(task_id)), working(budget=10):
                removed += self._service.purge(task_id, Operation(BUILT_IN_USER, at, clock.new_id()))
        return removed

    def _candidates(self, last: datetime) -> Iterator[uuid.UUID]:
        """Find what was put into the trash on a day or before; on the day itself, some of it is not due yet."""
        for part in range(queries.TRASH_PARTS):
            with _left_for_later(part=part):
                for on, shard in queries.trash_days(part):
                    with _left_for_later(day=str(on), shard=shard):
                        yield from queries.trashed(on, shard) if on <= last else ()


@contextmanager
def _left_for_later(**what: object) -> Iterator[None]:
    """Go on with the others if one cannot be purged, unless no other could."""
    try:
        yield
    except CircuitOpen:
        raise
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        log.warning("not purged: %s", error, extra=what)
    except Exception:
        # Whatever it is, it would stop the purge each time.
        log.exception("not purged", extra=what)
