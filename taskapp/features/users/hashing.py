"""Password hashing apart from the requests: a burst of logins must not slow down other work.

A hash costs some 25 ms of a core. It is computed in a separate process with a lower priority, so that requests go
first; a thread would hold the GIL now and then while others wait. Only a few requests may wait for a hash at once.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from taskapp.cassandra.driver import work
from taskapp.kit import passwords
from taskapp.kit.parent import end_with_parent
from taskapp.kit.problem import Problem
from taskapp.settings import Settings

# A tenth of the scheduling weight of the serving processes: on a busy machine, logins wait and tasks do not.
_NICENESS = 10
# Seconds a login may wait for its hash.
_PATIENCE = 5.0


class Hasher:
    """Hashes and checks passwords, one at a time; at most ``login_queue`` requests wait."""

    def __init__(self, settings: Settings) -> None:
        self._slots = threading.BoundedSemaphore(settings.login_queue)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def hashed(self, password: str) -> str:
        """Hash a password.

        :raise Problem: ``busy``
        """
        found: str = self._run(passwords.hashed, password)
        return found

    def checked(self, stored: str | None, password: str) -> tuple[bool, str | None]:
        """Check a password, like `kit.passwords.checked`.

        :raise Problem: ``busy``
        """
        found: tuple[bool, str | None] = self._run(passwords.checked, stored, password)
        return found

    def fingerprint(self, secret: bytes, salt: bytes) -> bytes:
        """Hash a secret, like `kit.passwords.fingerprint`.

        :raise Problem: ``busy``
        """
        found: bytes = self._run(passwords.fingerprint, secret, salt)
        return found

    def _run(self, function: Callable[..., Any], *given: Any) -> Any:
        if not self._slots.acquire(blocking=False):
            raise _busy()
        try:
            with work.elsewhere():
                return self._executor().submit(function, *given).result(_PATIENCE)
        except TimeoutError as error:
            raise _busy() from error
        except BrokenProcessPool as error:
            # The process was killed; the next request starts another.
            self.close()
            raise _busy() from error
        finally:
            self._slots.release()

    def _executor(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Not forked: the child would have the locks of the driver's threads, but not the threads.
                self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_step_back)
            return self._pool

    def close(self) -> None:
        """End the process; the next hash starts another."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    os.nice(_NICENESS)
    # A worker that is killed cannot end this process.
    end_with_parent()


def _busy() -> Problem:
    return Problem("busy", "Too many logins at once; nothing was stored. Try again.", headers={"Retry-After": "1"})
