"""The circuit breaker: while the database does not answer, nobody waits for it.

While it is closed, all statements pass, and the latest outcomes are remembered. When too many of them are failures it
opens: nothing passes, and callers are told at once. After a pause one statement passes, the probe; if it succeeds the
breaker closes, if not it waits again. Each process has its own, since what it sees may be its own network's fault.

Anything that queries the database may be the probe: a request, the sweeper, `/health/ready`. So a breaker closes by
itself, even when nobody sends requests because the process is not ready.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import Counter, Gauge

from taskapp.cassandra.errors import CircuitOpen
from taskapp.settings import Settings

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"
# The most outcomes that are considered. Under load they cover only the last instant: a node that freezes after
# thousands of successes is noticed once this many statements waited in vain, not once the successes have expired.
REMEMBERED = 50
REFUSING = Gauge("taskapp_breaker_open", "Workers whose circuit breaker is not closed.", multiprocess_mode="livesum")
CHANGES = Counter("taskapp_breaker_changes_total", "Changes of the circuit breakers' state.", ["to"])
REFUSED = Counter("taskapp_breaker_refused_total", "Statements that an open circuit breaker did not let pass.")
log = logging.getLogger(__name__)
for _state in (CLOSED, OPEN, HALF_OPEN):
    # Shown as 0 until it happens.
    CHANGES.labels(_state)


@dataclass(frozen=True, slots=True)
class Rule:
    """When to open, and for how long.

    :param share: share of the remembered statements that must have failed for it to open
    :param least: statements that must be remembered, since one failure out of one is no rate
    :param window: seconds for which an outcome is remembered
    :param pause: seconds from opening to the first probe, and from a failed probe to the next
    """

    share: float = 0.5
    least: int = 20
    window: float = 10.0
    pause: float = 1.0

    @classmethod
    def of(cls, settings: Settings) -> "Rule":
        """Make the rule from the settings."""
        return cls(settings.breaker_share, min(settings.breaker_least, REMEMBERED), settings.breaker_window,
                   settings.breaker_pause)


class Breaker:
    """A circuit breaker; safe to use from many threads.

    :param clock: returns monotonic seconds
    """

    def __init__(self, rule: Rule, clock: Callable[[], float] = time.monotonic) -> None:
        self._rule, self._clock = rule, clock
        self._lock = threading.Lock()
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failed, self._again_at = 0, 0.0
        # Counts the changes of state: a statement begun before the last one says nothing about the time after it.
        self._era = 0
        self.state = CLOSED
        REFUSING.set(0)

    def enter(self) -> int:
        """Let a statement pass; hand the returned value to ``leave``, which must be called.

        :raise CircuitOpen: it must not be sent
        """
        with self._lock:
            if self.state == OPEN and self._clock() >= self._again_at:
                self._become(HALF_OPEN)
            elif self.state != CLOSED:
                raise self._refusal()
            return self._era

    def enter_unmeasured(self) -> None:
        """Let a statement pass whose outcome says nothing about the database; it is never the probe.

        :raise CircuitOpen: it must not be sent
        """
        with self._lock:
            if self.state != CLOSED:
                raise self._refusal()

    def leave(self, era: int | None, *, failed: bool) -> None:
        """Record the outcome of a statement that ``enter`` let pass."""
        with self._lock:
            if era != self._era:
                return
            if self.state == HALF_OPEN:
                self._become(OPEN if failed else CLOSED)
            else:
                self._remember(failed)

    def _remember(self, failed: bool) -> None:
        now = self._clock()
        self._outcomes.append((now, failed))
        self._failed += failed
        while len(self._outcomes) > REMEMBERED or self._outcomes[0][0] < now - self._rule.window:
            self._failed -= self._outcomes.popleft()[1]
        count = len(self._outcomes)
        if failed and count >= self._rule.least and self._failed >= self._rule.share * count:
            log.warning("the circuit breaker opens", extra={"failed": self._failed, "of": count})
            self._become(OPEN)

    def _become(self, state: str) -> None:
        if state == OPEN:
            self._again_at = self._clock() + self._rule.pause
        if state == CLOSED:
            self._outcomes.clear()
            self._failed = 0
            log.warning("the circuit breaker closes")
        self.state = state
        self._era += 1
        REFUSING.set(state != CLOSED)
        CHANGES.labels(state).inc()

    def _refusal(self) -> CircuitOpen:
        REFUSED.inc()
        return CircuitOpen(max(0.0, self._again_at - self._clock()))
