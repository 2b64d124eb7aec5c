"""Start processes that end with their parent, and recognize them after our own restart."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its id and start time, since the system reuses ids."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return the process that has an id now; None if there is none."""
        started = _started(pid)
        return cls(pid, started) if started else None

    @classmethod
    def read(cls, path: Path) -> "Process | None":
        """Return the process in a pid file if that very process still runs, else None."""
        try:
            found = cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return found if found.alive else None

    def write(self, path: Path) -> None:
        """Write the pid file."""
        path.write_text(json.dumps(asdict(self)))

    @property
    def alive(self) -> bool:
        """Return whether this process runs, not another with its id."""
        return Process.of(self.pid) == self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            os.kill(self.pid, number)


def spawn(command: Sequence[str | Path], *, output: IO[bytes] | None = None,
          environment: Mapping[str, str] | None = None, keep: Sequence[int] = (),
          outlive: bool = False) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own, so that Ctrl-C reaches only its parent.

    On Linux the child gets SIGTERM when we die, unless it may ``outlive`` us.
    """
    # the signal comes when the *thread* that started the child ends, so only the main thread can ask for it
    tied = not outlive and threading.current_thread() is threading.main_thread()
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                            stderr=subprocess.STDOUT if output else None, env=environment, pass_fds=keep,
                            start_new_session=True, preexec_fn=end_with_parent() if tied else None)


def end_with_parent() -> Callable[[], None] | None:
    """Return a function that makes the calling process end with its parent; None where that is not supported."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return ask


def _started(pid: int) -> str:
    if sys.platform.startswith("linux"):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        # the name in brackets may hold anything; then state (field 3) … start time in ticks since boot (field 22)
        fields = stat.rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()
