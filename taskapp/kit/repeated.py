"""Doing something again and again, beside the requests."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Repeated:
    """A thread that does something at equal pauses until it is stopped; a failure does not end it.

    :param name: what is done; the thread's name, and what the log calls it
    :param seconds: the pause before each time; 0 for never
    :param passing: failures that end by themselves, and are told in a line
    """

    def __init__(self, name: str, seconds: float, do: Callable[[], object],
                 passing: tuple[type[Exception], ...] = ()) -> None:
        self._name, self._seconds, self._do, self._passing = name, seconds, do, passing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, unless the pause says never."""
        if self._seconds > 0:
            self._thread.start()

    def stop(self) -> None:
        """End, after what is under way, if that takes no more than five seconds."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def stopped(self) -> bool:
        """Whether it was told to end: what takes long should look."""
        return self._stopped.is_set()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._do()
            except self._passing as error:
                log.info("%s put off: %s", self._name, error)
            except Exception:
                # Whatever it is, the next time may succeed; a thread that is gone would not.
                log.exception("%s failed", self._name)
