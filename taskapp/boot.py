"""Startup and shutdown: what gunicorn's master and workers do besides serving."""

import gc
import logging
import multiprocessing
import sys
import threading

from prometheus_client import multiprocess

from taskapp import schema
from taskapp.cassandra.driver import clocks, gauges
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.driver.statement import registered
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, SchemaError
from taskapp.cassandra.reach.places import address
from taskapp.cassandra.schema import sync as schemas
from taskapp.features import AGGREGATES, upkeep, wildlife
from taskapp.kit.parent import end_with_parent
from taskapp.settings import BadSettings, Settings
from taskapp.writepath.sweeper import Sweeper

log = logging.getLogger(__name__)
# Seconds between a worker's attempts to reach a cluster that is down.
TRY_SECONDS = 1.0
# Objects allocated, less those freed, between two garbage collections.
COLLECT_AFTER = 20_000


def prepare(settings: Settings) -> None:
    """Make the tables match before any worker starts; for gunicorn's master.

    Runs in a process of its own: the driver has threads, the master forks, and a worker would inherit the locks those
    threads hold, but not the threads that release them.

    Ends the master with exit code 1 if the cluster cannot be reached in time, or at once if it refuses. Newer tables
    are left alone: the workers start, but stay not ready.
    """
    child = multiprocessing.get_context("fork").Process(target=_prepare, args=(settings,), name="prepare", daemon=True)
    child.start()
    child.join()
    if child.pid is not None:
        multiprocess.mark_process_dead(child.pid)
    if child.exitcode:
        # Negative if a signal ended it.
        sys.exit(1)


def _prepare(settings: Settings) -> None:
    # A killed master must not leave behind a process that still waits for the cluster.
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
        # The service matters more than the tutorial's rows.
        log.warning("Not all of the wildlife tutorial's rows are there; `taskapp init-wildlife` adds them: %s", error)


class Worker:
    """What a worker has besides its requests: the connection and the upkeep.

    A cluster that is down does not end a worker: it answers 503 until the cluster is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._upkeep = [Sweeper(settings, AGGREGATES).thread, *upkeep(settings)]
        self._ended, self._watches = threading.Event(), (gauges.watch(), clocks.watch())

    def begin(self) -> None:
        """Connect and prepare; if the cluster is down or the tables differ, keep retrying in the background."""
        for watch in self._watches:
            watch.start()
        if reason := self._connect():
            log.error("Not ready: %s", reason)
            threading.Thread(target=self._try_again, name="connect", daemon=True).start()

    def end(self) -> None:
        """Stop the upkeep and close the connection."""
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
                # Nothing else brings this worker back; whatever went wrong, the next attempt may succeed.
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
    """Prepare the statements that requests run.

    An unprepared statement costs its first request a round trip, and more than its budget while a node hangs.
    """
    for statement in registered:
        statement.prepare()


def _settle() -> None:
    """Exempt what stays (driver, schemas, routes) from garbage collection, and collect less often.

    A page of 50 tasks allocates on the order of a thousand objects that no cycle holds; a collection every 700 costs a
    few per cent (`python -m bench --only list`: 2.24 and 2.28 ms of CPU with this, 2.33 and 2.39 without).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
