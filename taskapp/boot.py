"""Starting up and ending: what gunicorn's master and workers do beside serving."""

import gc
import logging
import multiprocessing
import sys
import threading

from prometheus_client import multiprocess

from taskapp import schema
from taskapp.cassandra import clocks, gauges
from taskapp.cassandra import schema as schemas
from taskapp.cassandra.connection import address, db
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, SchemaError
from taskapp.cassandra.statement import registered
from taskapp.features import AGGREGATES, upkeep, wildlife
from taskapp.kit.parent import end_with_parent
from taskapp.settings import BadSettings, Settings
from taskapp.writepath.sweeper import Sweeper

log = logging.getLogger(__name__)
# Seconds between two tries of a worker to reach a cluster that is away.
TRY_SECONDS = 1.0
# Objects made, less those freed, between two looks of the garbage collector.
COLLECT_AFTER = 20_000


def prepare(settings: Settings) -> None:
    """Make the tables match, before any worker is there; for gunicorn's master.

    It happens in a process of its own. The driver has threads, the master forks, and a worker would inherit the locks
    that those threads hold, but not the threads that let go of them.

    Ends the master with 1 when the cluster does not come in time, or refuses: then at once. Newer tables are left
    alone: the workers start, and stay not ready.
    """
    child = multiprocessing.get_context("fork").Process(target=_prepare, args=(settings,), name="prepare", daemon=True)
    child.start()
    child.join()
    if child.pid is not None:
        multiprocess.mark_process_dead(child.pid)
    if child.exitcode:
        # By a signal: the number is negative.
        sys.exit(1)


def _prepare(settings: Settings) -> None:
    # A master that is killed must not leave somebody behind who still waits for the cluster.
    end_with_parent()
    current = schema.current()
    try:
        db.connect_patiently(settings)
        if settings.sync_on_boot:
            current.sync(settings)
            if settings.init_wildlife:
                _fill()
        elif reason := current.differs():
            log.error("Not ready: %s", reason)
    except SchemaError as error:
        log.error("Not ready: %s", error)
    except BadSettings as error:
        log.error("%s", error)
        sys.exit(1)
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        log.error("Gave up waiting for Cassandra at %s: %s", address(settings), error)
        sys.exit(1)
    finally:
        db.close()


def _fill() -> None:
    try:
        wildlife.fill()
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        # The service is worth more than the tutorial's rows.
        log.warning("Not all of the wildlife tutorial's rows are there; `taskapp init-wildlife` adds them: %s", error)


class Worker:
    """What a worker has beside its requests: the connection, and the upkeep.

    A cluster that is away does not end a worker: it answers 503 until the cluster is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._upkeep = [Sweeper(settings, AGGREGATES).thread, *upkeep(settings)]
        self._ended, self._watches = threading.Event(), (gauges.watch(), clocks.watch())

    def begin(self) -> None:
        """Connect and prepare; go on trying beside the requests if the cluster is away, or the tables others."""
        for watch in self._watches:
            watch.start()
        if reason := self._connect():
            log.error("Not ready: %s", reason)
            threading.Thread(target=self._try_again, name="connect", daemon=True).start()

    def end(self) -> None:
        """End the upkeep, and close the connection."""
        self._ended.set()
        for thread in (*self._upkeep, *self._watches):
            thread.stop()
        db.close()

    def _try_again(self) -> None:
        while not self._ended.wait(TRY_SECONDS):
            try:
                if self._connect() is None:
                    log.warning("Ready")
                    return
            except Exception:
                # Nothing else brings this worker back; whatever it was, the next try may succeed.
                log.exception("a try to become ready failed")

    def _connect(self) -> str | None:
        try:
            db.connect(self._settings)
            if reason := schemas.ready(schema.current()):
                return reason
            prepare_statements()
            clocks.look()
            _settle()
        except BadSettings as error:
            return str(error)
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            return f"Cassandra at {address(self._settings)} is away: {error}"
        for thread in self._upkeep:
            thread.start()
        return None


def prepare_statements() -> None:
    """Prepare what requests ask.

    A statement that is not prepared yet costs its first request a round trip, and while a node hangs more than its
    budget.
    """
    for statement in registered:
        statement.prepare()


def _settle() -> None:
    """Take what stays, driver and schemas and routes, out of the garbage collector's sight, and let it look less often.

    A page of 50 tasks makes some thousand objects that no cycle holds; looking at them every 700 costs some per
    cent (`python -m bench --only list`: 2.24 and 2.28 ms of CPU with this, 2.33 and 2.39 without).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
