"""Periodic work in the background."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Repeated:
    """A thread that repeats something, with equal pauses, until it is stopped; a failure does not end it.

    :param name: what is done; the name of the thread, and of the work in the log
    :param seconds: the pause before each run; 0 for never
    :param passing: transient failures, logged in one line
    """

    def __init__(self, name: str, seconds: float, do: Callable[[], object],
                 passing: tuple[type[Exception], ...] = ()) -> None:
        self._name, self._seconds, self._do, self._passing = name, seconds, do, passing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start, unless the pause says never."""
        if self._seconds > 0:
            self._thread.start()

    def stop(self) -> None:
        """Stop, and wait at most five seconds for a run under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop; long runs should check this."""
        return self._stopped.is_set()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._do()
            except self._passing as error:
                log.info("%s put off: %s", self._name, error)
            except Exception:
                # Whatever it is, the next run may succeed; if the thread ended, there would be none.
                log.exception("%s failed", self._name)
