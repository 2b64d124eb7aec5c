"""One instance of the service, which can be frozen and killed."""

import contextlib
import os
import signal
from pathlib import Path

from tests.fixtures.service import Service, until

_ESTABLISHED = "01"


class Instance(Service):
    """gunicorn with its worker; what happens to it happens to both."""

    @property
    def port(self) -> int:
        return int(self.environment["PORT"])

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None
        until(lambda: not self._connections(), 10, "its sockets are still open")

    def revive(self) -> None:
        """Start it again, if it was killed."""
        if self._process is None:
            self.start()

    def pause(self) -> None:
        """Freeze it: the kernel goes on to take connections and requests for it."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def wait_for_request(self) -> None:
        """Wait until a request lies in the kernel that the frozen instance has not read."""
        until(lambda: any(self._connections()), 10, "no request came")

    def _connections(self) -> list[int]:
        """List the bytes that lie unread in each of its open connections."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return [int(row[4].partition(":")[2], 16) for row in rows
                if row[3] == _ESTABLISHED and int(row[1].partition(":")[2], 16) == self.port]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
