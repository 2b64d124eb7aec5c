"""The service as a child process: gunicorn, and whether it is ready."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException

from taskapp.localnode import LocalNode
from taskapp.localnode.process import spawn
from taskapp.settings import TOP, Settings

_COMMAND = [sys.executable, "-m", "gunicorn", "--pythonpath", str(TOP), "-c", str(TOP / "gunicorn.conf.py"), "wsgi:app"]
# Seconds gunicorn gets to stop, beyond what it gives its workers.
_STOP_EXTRA = 5


class Service:
    """gunicorn on the settings' address; its output goes where ours goes."""

    def __init__(self, settings: Settings, node: LocalNode | None) -> None:
        self.settings = settings
        self.node = node
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start gunicorn, with the node as its cluster."""
        # Include the tutorial's data from the start, unless the caller says otherwise.
        environment = {"TASKAPP_INIT_WILDLIFE": "true", **os.environ}
        if self.node is not None:
            environment["TASKAPP_CASSANDRA_CONTACT_POINTS"] = self.node.address
            environment["TASKAPP_CASSANDRA_PORT"] = str(self.node.native_port)
        self._process = spawn(_COMMAND, environment=environment)

    @property
    def running(self) -> bool:
        """Return whether gunicorn's master is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """gunicorn's exit code; None until it has ended."""
        return self._process.poll() if self._process else None

    @property
    def ready(self) -> bool:
        """Return whether the service reports itself ready."""
        connection = _Connection(self.settings)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    @property
    def url(self) -> str:
        """The address at which a user reaches the service."""
        if self.settings.bind:
            return self.settings.bind
        host = "localhost" if self.settings.host in ("127.0.0.1", "::1", "0.0.0.0") else self.settings.host
        return f"http://{host}:{self.settings.port}{self.settings.url_prefix}"

    def wait_ready(self, seconds: float) -> bool:
        """Wait until the service is ready; return False if it or the node ends, or on timeout."""
        end = time.monotonic() + seconds
        while self.running and (self.node is None or self.node.running) and time.monotonic() < end:
            if self.ready:
                return True
            time.sleep(0.1)
        return False

    def stop(self) -> None:
        """Let the workers finish their requests; kill them if they take too long."""
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
        else:
            # workers whose master was killed run on for a moment and hold the port
            self._signal_all(signal.SIGTERM)
        end = time.monotonic() + self.settings.graceful_timeout + _STOP_EXTRA
        while self._signal_all(0) and time.monotonic() < end:
            self._process.poll()
            time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """End gunicorn and its workers at once."""
        if self._process is not None:
            self._signal_all(signal.SIGKILL)
            self._process.wait()

    def _signal_all(self, number: int) -> bool:
        """Signal gunicorn and its workers, a process group of their own; return False if all have ended."""
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True


class _Connection(HTTPConnection):
    """A connection to gunicorn's bind address; by http.client, since urllib might go through a proxy."""

    def __init__(self, settings: Settings) -> None:
        self._socket_path = settings.bind.removeprefix("unix:") if settings.bind.startswith("unix:") else ""
        host, _, port = settings.address.rpartition(":")
        host = host.strip("[]")
        super().__init__("localhost" if self._socket_path else "127.0.0.1" if host == "0.0.0.0" else host,
                         None if self._socket_path else int(port), timeout=5)

    def connect(self) -> None:
        if not self._socket_path:
            return super().connect()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._socket_path)
        return None
