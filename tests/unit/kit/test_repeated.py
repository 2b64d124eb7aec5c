"""What runs beside the requests goes on whatever happens, and ends when told to."""

import logging
import threading

import pytest

from taskapp.kit.repeated import Repeated

SOON, SECONDS = 0.001, 10


class Passing(Exception):
    """Ends by itself."""


class Script:
    """Fails as it is told, one time after the other, and then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.left, self.done, self.threads = list(failures), threading.Event(), set[str]()

    def __call__(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.left:
            raise self.left.pop(0)
        self.done.set()


def test_failures_do_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    script = Script(Passing("the node is away"), ValueError("a fault"), Passing("again"))
    repeated = Repeated("sweep", SOON, script, (Passing,))
    repeated.start()
    assert script.done.wait(SECONDS)
    repeated.stop()
    assert repeated.stopped
    assert script.threads == {"sweep"}
    assert [(each.levelname, each.getMessage(), each.exc_info is not None) for each in caplog.records] == [
        ("INFO", "sweep put off: the node is away", False), ("ERROR", "sweep failed", True),
        ("INFO", "sweep put off: again", False)]


def test_it_does_it_again_until_it_is_stopped() -> None:
    times, enough = [], threading.Event()

    def count() -> None:
        times.append(1)
        if len(times) == 3:
            enough.set()

    repeated = Repeated("count", SOON, count)
    repeated.start()
    assert enough.wait(SECONDS)
    repeated.stop()
    assert "count" not in {each.name for each in threading.enumerate()}


def test_a_pause_of_nothing_is_never() -> None:
    script = Script()
    repeated = Repeated("never", 0, script)
    repeated.start()
    assert "never" not in {each.name for each in threading.enumerate()}
    repeated.stop()


def test_stopping_what_never_began() -> None:
    Repeated("never", 1, Script()).stop()
