"""The applications under load, each in processes of its own: started, waited for, and what they cost."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench import place
from taskapp.localnode import ports

ROOT = Path(__file__).parents[1]
# Three nodes agree on each of the tables, one after the other.
READY_SECONDS = 240
SETTLE_SECONDS = 10.0
# The share of a processor that an application without requests may use.
_IDLE = 0.1


class Server:
    """One application on a free port.

    :param name: how it is called in the results
    :param command: arguments after `python -m`; ``{port}`` stands for its port
    :param ready: a path that answers 2xx or 404 when it serves
    """

    def __init__(self, name: str, command: list[str], environment: dict[str, str], ready: str = "/tasks/") -> None:
        self.name, self._ready = name, ready
        self._port = ports.find_free("127.0.0.1")
        self._command = [sys.executable, "-m", *(part.format(port=self._port) for part in command)]
        self._folder = tempfile.TemporaryDirectory(prefix="taskapp-bench-")
        self._environment = {**os.environ, "PORT": str(self._port), "TMPDIR": self._folder.name,
                             "TASKAPP_CASSANDRA_CONTACT_POINTS": ",".join(place.contact_points()), **environment}
        self._process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "Server":
        with ExitStack() as failed:
            failed.callback(self.__exit__, None, None, None)
            with self._log.open("wb") as log:
                self._process = psutil.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log,
                                             stderr=subprocess.STDOUT)
            self._wait()
            failed.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(40)
        self._folder.cleanup()

    def processes(self) -> list[psutil.Process]:
        """List its processes: master and workers."""
        assert self._process is not None
        return [self._process, *self._process.children(recursive=True)]

    def settle(self) -> None:
        """Wait until it has done what it was asked: requests whose client is gone are worked at nevertheless."""
        busy, end = 1.0, time.monotonic() + SETTLE_SECONDS
        while busy > _IDLE and time.monotonic() < end:
            before = cpu_seconds(self.processes())
            time.sleep(0.1)
            busy = (cpu_seconds(self.processes()) - before) / 0.1

    @property
    def _log(self) -> Path:
        return Path(self._folder.name) / "log"

    def _wait(self) -> None:
        assert self._process is not None
        end = time.monotonic() + READY_SECONDS
        while not answers(self.url + self._ready):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not serve:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.1)


def answers(url: str) -> bool:
    """Tell whether an address answers with a success."""
    try:
        with urlopen(url, timeout=5) as answer:
            return 200 <= answer.status < 300
    except (URLError, OSError):
        return False


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Add up the processor time that processes have used."""
    total = 0.0
    for each in processes:
        used = each.cpu_times()
        total += used.user + used.system
    return total


def service(name: str, keyspace: str, auth: str = "open") -> Server:
    """The service as it runs in production; in token mode with limits that are watched, but not reached."""
    limits = {"TASKAPP_RATE_WRITES": "100000000/minute", "TASKAPP_RATE_LOGIN": "100000000/minute"}
    return Server(name, ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
                  {"TASKAPP_CASSANDRA_KEYSPACE": keyspace, "TASKAPP_AUTH": auth, **limits}, "/health/ready")


def floor(keyspace: str, workers: int, threads: int) -> Server:
    """The floor, under the service's own gunicorn settings."""
    return Server("floor", ["gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", "gthread", "--workers",
                            str(workers), "--threads", str(threads), "--keep-alive", "75", "--log-level", "warning",
                            "bench.floor:create_app()"], {"BENCH_KEYSPACE": keyspace})


def tutorial(name: str, application: str, keyspace: str) -> Server:
    """The tutorial's application, as its text starts it: one process of uvicorn."""
    return Server(name, ["uvicorn", f"bench.tutorial:{application}", "--host", "127.0.0.1", "--port", "{port}",
                         "--log-level", "warning", "--no-access-log"], {"BENCH_KEYSPACE": keyspace})
