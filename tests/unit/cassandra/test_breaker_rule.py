"""The rule of the circuit breaker, held against a model that counts in the plainest way.

Red when the breaker looks at failures alone and not at their share, when old outcomes are not forgotten, when a second
probe passes beside the first, or when what was sent before a change of state counts after it.
"""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from taskapp.cassandra.driver.breaker import CLOSED, HALF_OPEN, OPEN, REMEMBERED, Breaker, Rule
from taskapp.cassandra.errors import CircuitOpen

RULE = Rule(share=0.5, least=20, window=10.0, pause=1.0)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(RULE, clock)


def run(breaker: Breaker, *, failed: int = 0, well: int = 0) -> None:
    for _ in range(well):
        breaker.leave(breaker.enter(), failed=False)
    for _ in range(failed):
        breaker.leave(breaker.enter(), failed=True)


def opened(breaker: Breaker) -> Breaker:
    run(breaker, failed=RULE.least)
    assert breaker.state == OPEN
    return breaker


def test_it_opens_at_the_share_and_not_before(breaker: Breaker) -> None:
    run(breaker, well=10, failed=9)
    assert breaker.state == CLOSED
    run(breaker, failed=1)
    assert breaker.state == OPEN


def test_a_few_failures_are_no_rate(breaker: Breaker) -> None:
    run(breaker, failed=RULE.least - 1)
    assert breaker.state == CLOSED


def test_what_is_old_is_forgotten(breaker: Breaker, clock: Clock) -> None:
    run(breaker, failed=RULE.least - 1)
    clock.now += RULE.window + 0.1
    run(breaker, failed=RULE.least - 1)
    assert breaker.state == CLOSED


def test_thousands_of_successes_do_not_hide_that_nothing_answers_now(breaker: Breaker) -> None:
    run(breaker, well=5000, failed=REMEMBERED // 2 - 1)
    assert breaker.state == CLOSED
    run(breaker, failed=1)
    assert breaker.state == OPEN


def test_open_it_refuses_and_says_for_how_long(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += 0.25
    with pytest.raises(CircuitOpen) as refusal:
        breaker.enter()
    assert refusal.value.seconds == pytest.approx(0.75)


def test_one_probe_passes_and_closes_it(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += RULE.pause
    probe = breaker.enter()
    assert breaker.state == HALF_OPEN
    with pytest.raises(CircuitOpen):
        breaker.enter()
    breaker.leave(probe, failed=False)
    assert breaker.state == CLOSED
    run(breaker, failed=RULE.least - 1)
    assert breaker.state == CLOSED


def test_a_failed_probe_begins_a_new_pause(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += RULE.pause
    breaker.leave(breaker.enter(), failed=True)
    assert breaker.state == OPEN
    clock.now += RULE.pause / 2
    with pytest.raises(CircuitOpen):
        breaker.enter()
    clock.now += RULE.pause / 2
    breaker.enter()


@pytest.mark.parametrize("failed", [True, False])
def test_what_was_sent_before_a_change_says_nothing_after_it(breaker: Breaker, clock: Clock, failed: bool) -> None:
    early = breaker.enter()
    opened(breaker)
    breaker.leave(early, failed=failed)
    assert breaker.state == OPEN
    clock.now += RULE.pause
    breaker.enter()
    breaker.leave(early, failed=failed)
    assert breaker.state == HALF_OPEN


def test_what_is_not_measured_neither_opens_nor_probes(breaker: Breaker, clock: Clock) -> None:
    for _ in range(100):
        breaker.enter_unmeasured()
        breaker.leave(None, failed=True)
    assert breaker.state == CLOSED
    opened(breaker)
    clock.now += RULE.pause
    with pytest.raises(CircuitOpen):
        breaker.enter_unmeasured()
    assert breaker.state == OPEN


def test_a_share_above_one_never_opens() -> None:
    breaker = Breaker(Rule(share=2.0))
    run(breaker, failed=1000)
    assert breaker.state == CLOSED


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=150))
def test_it_opens_exactly_when_a_plain_count_says_so(outcomes: list[tuple[float, bool]]) -> None:
    clock = Clock()
    breaker, seen = Breaker(RULE, clock), []
    for pause, failed in outcomes:
        clock.now += pause
        breaker.leave(breaker.enter(), failed=failed)
        seen.append((clock.now, failed))
        last = [each for at, each in seen[-REMEMBERED:] if at >= clock.now - RULE.window]
        expected = failed and len(last) >= RULE.least and sum(last) >= RULE.share * len(last)
        assert (breaker.state == OPEN) == expected
        if expected:
            return


class Life(RuleBasedStateMachine):
    """Any order of sending, answering and waiting: one probe at a time, and a database that is well closes it."""

    @initialize()
    def begin(self) -> None:
        self.clock = Clock()
        self.breaker, self.passes = Breaker(RULE, self.clock), []
        self.probes: list[int] = []

    @rule()
    def send(self) -> None:
        state = self.breaker.state
        try:
            got = self.breaker.enter()
        except CircuitOpen:
            assert state != CLOSED
            return
        self.passes.append(got)
        if state != CLOSED:
            assert self.probes == [], "two probes at once"
            self.probes.append(got)

    @rule(failed=st.booleans(), data=st.data())
    def answer(self, failed: bool, data: st.DataObject) -> None:
        if self.passes:
            got = self.passes.pop(data.draw(st.integers(0, len(self.passes) - 1)))
            self.breaker.leave(got, failed=failed)
            self.probes = [each for each in self.probes if each != got]

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def fail_much(self) -> None:
        if self.breaker.state == CLOSED:
            for _ in range(2 * REMEMBERED):
                if self.breaker.state == CLOSED:
                    self.breaker.leave(self.breaker.enter(), failed=True)

    @invariant()
    def half_open_means_one_probe(self) -> None:
        if hasattr(self, "breaker"):
            assert (self.breaker.state == HALF_OPEN) == bool(self.probes)

    def teardown(self) -> None:
        if not hasattr(self, "breaker"):
            return
        for got in self.passes:
            self.breaker.leave(got, failed=False)
        self.clock.now += RULE.pause
        self.breaker.leave(self.breaker.enter(), failed=False)
        assert self.breaker.state == CLOSED


TestLife = Life.TestCase


def test_of_many_threads_one_is_the_probe(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.now += RULE.pause
    passed: list[int] = []
    together = threading.Barrier(16)

    def go() -> None:
        together.wait()
        try:
            passed.append(breaker.enter())
        except CircuitOpen:
            return

    threads = [threading.Thread(target=go) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(passed) == 1
