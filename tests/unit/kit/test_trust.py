"""What was read of a token is trusted from the moment at which the read began.

Red when the time runs from the end of the read: one that takes 1.9 s would then be trusted 4.9 s after it began.
"""

from taskapp.kit.trust import Trust


class Watch:
    """A clock that is set by hand."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_trust_runs_from_the_beginning_of_a_read() -> None:
    watch = Watch()
    trust: Trust[str] = Trust(3.0, watch)
    began = trust.begin()
    watch.at += 1.9
    trust.keep(b"token", began, "Ann")
    watch.at = began + 2.99
    assert trust.find(b"token") == "Ann"
    watch.at = began + 3.0
    assert trust.find(b"token") is None


def test_a_read_that_took_too_long_is_not_trusted_at_all() -> None:
    watch = Watch()
    trust: Trust[str] = Trust(3.0, watch)
    began = trust.begin()
    watch.at += 3.0
    trust.keep(b"token", began, "Ann")
    assert trust.find(b"token") is None


def test_what_is_forgotten_is_not_found() -> None:
    trust: Trust[str] = Trust(3.0, Watch())
    trust.keep(b"token", trust.begin(), "Ann")
    trust.forget(b"token")
    trust.forget(b"another")
    assert trust.find(b"token") is None
