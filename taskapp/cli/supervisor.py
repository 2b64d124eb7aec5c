"""Supervise the children of ``taskapp run``: started in order, stopped in reverse order."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds: one Ctrl-C may reach us twice, from the terminal and from a wrapper such as timeout(1).
_SAME_PRESS = 0.5


class Child(Protocol):
    """What the supervisor starts and stops: the node, or the service."""

    @property
    def running(self) -> bool:
        """Return whether it is alive."""
        ...

    def stop(self) -> None:
        """Stop it cleanly."""

    def kill(self) -> None:
        """Kill it."""


class Stopped(BaseException):
    """We were asked to stop; raised by the signal handler, wherever execution is."""


class Supervisor:
    """Stops its children on the first signal, and kills them on a second Ctrl-C."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = False
        self._asked = 0.0

    def adds(self, child: Child) -> None:
        """Take charge of a child before it is started: it ends with us."""
        self._children.append(child)

    @contextmanager
    def looks_after(self) -> Iterator[None]:
        """Run the block, then stop the children, even if it fails or a signal ends it (``Stopped``)."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP for us
                signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            self._stopping = True
            for child in reversed(self._children):
                child.stop()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping, self._asked = True, time.monotonic()
            raise Stopped
        if number == signal.SIGINT and time.monotonic() - self._asked > _SAME_PRESS:
            for child in self._children:
                child.kill()
            os._exit(1)


def wait_for_end(*children: Child) -> Child:
    """Wait until a child ends by itself, and return it."""
    while True:
        for child in children:
            if not child.running:
                return child
        time.sleep(0.5)
