"""One Cassandra node in a process of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from taskapp.localnode import catalog, configuration, data_folder, file_lock, jvm, logs, ports
from taskapp.localnode.errors import NodeError
from taskapp.localnode.process import Process, spawn
from taskapp.localnode.progress import Say, silent

# Seconds; on an idle laptop a start takes about 5, a clean stop 4.
READY_DEADLINE = 90.0
STOP_DEADLINE = 20.0
_ADOPT_DEADLINE = 30.0
_ELSEWHERE = ", or TASKAPP_NODE_ADDRESS to another address such as 127.0.0.2"


class LocalNode:
    """A node on a loopback address; its data stay in ``data_dir``.

    A node of ours that already runs on that folder is used as it is, at its own address; ``started`` says whether this
    object started the node. The node ends with this process, unless it may ``outlive`` it.
    """

    def __init__(self, data_dir: Path, *, java: Path, jars: Sequence[Path], address: str = "127.0.0.1",
                 native_port: int = 9042, storage_port: int = 7000, heap: str = "384m",
                 overrides: Mapping[str, Any] | None = None, properties: Mapping[str, str] | None = None,
                 fast: bool = False, outlive: bool = False) -> None:
        self.data_dir = data_dir.absolute()
        self.address, self.native_port, self.storage_port = address, native_port, storage_port
        self.java, self.jars, self.heap = java, list(jars), heap
        self.overrides = dict(overrides or {})
        # fast: system tables are not synced to disk; for tests only
        self.properties = {**({"cassandra.unsafesystem": "true"} if fast else {}), **(properties or {})}
        self.outlive = outlive
        self.started = False
        self._child: subprocess.Popen[bytes] | None = None
        self._own: Process | None = None

    def start(self, say: Say = silent) -> None:
        """Start the node unless it is running; ``wait_ready`` waits until it can be used.

        :raise NodeError: a port or the folder cannot be used, or the disk is too full.
        """
        data_folder.check(self.data_dir, catalog.cassandra_version())
        lock = self._lock_or_adopt()
        if lock is None:
            say(f"Cassandra runs already on {self.address}:{self.native_port} (process {self.pid})")
            return
        try:
            ports.check_free(self.address, self.native_port, "TASKAPP_CASSANDRA_PORT", _ELSEWHERE)
            ports.check_free(self.address, self.storage_port, "TASKAPP_NODE_STORAGE_PORT", _ELSEWHERE)
            self._spawn(lock)
        finally:
            os.close(lock)

    def wait_ready(self, deadline: float = READY_DEADLINE) -> None:
        """Wait until the node answers CQL.

        :raise NodeError: it ended, or the deadline (in seconds) passed; includes the first error in its log.
        """
        if not _wait(lambda: self.ready or not self.running, deadline):
            self.kill()
            raise self._failure(f"did not answer within {deadline:.0f} s")
        if not self.running:
            raise self._failure("did not start")

    def stop(self) -> None:
        """Stop the node cleanly, or by force after 20 s, whoever started it."""
        self._end(signal.SIGTERM)
        if not _wait(lambda: not self.running, STOP_DEADLINE):
            self.kill()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the node at once, like a power cut."""
        self._end(signal.SIGKILL)
        _wait(lambda: not self.running, STOP_DEADLINE)

    def pause(self) -> None:
        """Freeze the node: it keeps its connections but answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume a frozen node."""
        self._signal(signal.SIGCONT)

    def wait_for(self, other: "LocalNode", deadline: float = READY_DEADLINE) -> None:
        """Wait until this node has seen another one of its cluster.

        :raise NodeError: the deadline (in seconds) passed.
        """
        if not _wait(lambda: logs.saw_up(self.data_dir, other.address, other.storage_port), deadline):
            raise self._failure(f"did not see the node {other.address} within {deadline:.0f} s")

    @property
    def running(self) -> bool:
        """Return whether the node's process is alive."""
        if self._child is not None:
            return self._child.poll() is None
        return self._process is not None

    @property
    def ready(self) -> bool:
        """Return whether the node answers CQL or, with TLS, accepts connections."""
        tls = self.overrides.get("client_encryption_options", {}).get("enabled", False)
        return (ports.accepts if tls else ports.answers_cql)(self.address, self.native_port)

    @property
    def pid(self) -> int | None:
        """The node's process id; None if it is not running."""
        process = self._process
        return process.pid if process else None

    def follow(self) -> None:
        """Adopt the address and ports of the node that runs on the folder, if any."""
        if self.running:
            with suppress(OSError, ValueError, KeyError):
                self.address, self.native_port, self.storage_port = configuration.where(self.data_dir)

    def failure(self) -> NodeError:
        """Return the error to report when a node that was ready has ended."""
        return self._failure("ended by itself")

    @property
    def _pid_file(self) -> Path:
        return self.data_dir / "node.pid"

    @property
    def _lock_file(self) -> Path:
        return self.data_dir / "lock"

    @property
    def _process(self) -> Process | None:
        if self._own is not None:
            return self._own if self._own.alive else None
        # A copy of the folder includes the pid file, but nobody holds its lock.
        return Process.read(self._pid_file) if file_lock.held(self._lock_file) else None

    def _lock_or_adopt(self) -> int | None:
        """Take the folder's lock, which a node holds while alive; return None if a healthy node of ours holds it."""
        held: list[int] = []

        def decided() -> bool:
            lock = file_lock.take(self._lock_file)
            held.extend([] if lock is None else [lock])
            if lock is None:
                self.follow()
            return bool(held) or (self.running and self.ready)

        if not _wait(decided, _ADOPT_DEADLINE):
            raise NodeError(f"{self.data_dir} is in use by process {self.pid or 'unknown'}, which does not answer on "
                            f"{self.address}:{self.native_port}; end it with `taskapp node stop`")
        return held[0] if held else None

    def _spawn(self, lock: int) -> None:
        logs.begin(self.data_dir)
        yaml = configuration.yaml(self.data_dir, self.address, self.native_port, self.storage_port)
        configuration.write(self.data_dir, {**yaml, **self.overrides})
        command = jvm.command(self.java, self.jars, self.data_dir, self.heap, self.properties)
        # otherwise glibc would keep a 64 MB arena for each of many threads
        environment = {**os.environ, "MALLOC_ARENA_MAX": "2"}
        with (self.data_dir / logs.OUTPUT).open("wb") as output:
            self._child = spawn(command, output=output, environment=environment, keep=[lock], outlive=self.outlive)
        self.started = True
        self._own = Process.of(self._child.pid)
        if self._own is not None:
            self._own.write(self._pid_file)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        self._signal(signal.SIGCONT)  # a frozen process does not handle SIGTERM

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None:
            process.signal(number)

    def _failure(self, what: str) -> NodeError:
        reason = logs.first_error(self.data_dir)
        return NodeError(f"The Cassandra node {what}{f': {reason}' if reason else ''}; its log is "
                         f"{logs.name(self.data_dir)}", logs.tail(self.data_dir))


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
