"""One instance of the service, which can be frozen and killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from tests.fixtures.service import COMMAND, READY_SECONDS, ROOT, Service, until

_ESTABLISHED = "01"
# What systemd does: the socket is descriptor 3, and the variables say so to this very process.
_ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


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
        self.wait_until_idle()

    def revive(self) -> None:
        """Start it again, if it was killed."""
        if self._process is None:
            self.start()

    def reload(self) -> None:
        """Let new workers take the place of the present ones (SIGHUP)."""
        before = self._workers()
        os.kill(self.pid, signal.SIGHUP)
        until(lambda: self._workers() and not self._workers() & before, 60, "the workers did not change")

    def wait_until_idle(self) -> None:
        """Wait until nobody is connected."""
        until(lambda: not self._connections(), 30, "there are connections still")

    def _workers(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.pid).children()}

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


class Activated(Instance):
    """An instance whose socket is held by another process, as `deploy/taskapp.socket` has systemd do."""

    _socket: socket.socket

    def listen(self) -> "Activated":
        """Hold the socket from now on."""
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=512)
        return self

    def start(self) -> "Activated":
        command = [sys.executable, "-c", _ACTIVATE, str(self._socket.fileno())]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TASKAPP_", "PORT"))}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*command, *COMMAND], cwd=ROOT, env={**kept, **self.environment},
                                             pass_fds=[self._socket.fileno()], stdout=log, stderr=log,
                                             start_new_session=True)
        until(self._ready, READY_SECONDS, lambda: f"the instance is not ready:\n{self.log()[-4000:]}")
        return self

    def close(self) -> None:
        with self._socket:
            self.stop()
