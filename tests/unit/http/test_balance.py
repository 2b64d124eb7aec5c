"""Who holds more connections than another waits for that one, but not for who is gone, and not without end."""

from collections.abc import Callable

import pytest

from taskapp.http import balance
from taskapp.http.balance import Held

FEW, MANY, GONE = 3, 4, 5


class Clock:
    """A clock that goes on when somebody sleeps; what is to happen at a sleep can be said."""

    def __init__(self) -> None:
        self.now, self.sleeps = 100.0, 0
        self.then: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.sleeps += 1
        self.then()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(balance, "time", made)
    return made


@pytest.fixture
def held() -> Held:
    made = Held()
    made.tell(FEW, 2)
    made.tell(MANY, 3)
    return made


@pytest.mark.parametrize("connections", [0, 2, 3])
def test_who_holds_no_more_than_another_goes_on(clock: Clock, held: Held, connections: int) -> None:
    held.tell(FEW, connections)
    held.tell(MANY, connections)
    for worker in (FEW, MANY):
        held.give_way(worker)
    assert clock.sleeps == 0


def test_who_holds_more_waits_until_the_other_has_as_many(clock: Clock, held: Held) -> None:
    clock.then = lambda: held.tell(FEW, 3)
    held.give_way(MANY)
    assert clock.sleeps == 1


def test_one_that_hangs_is_not_waited_for_again_at_once(clock: Clock, held: Held) -> None:
    held.give_way(MANY)
    assert balance.GIVE_WAY <= clock.now - 100 < 2 * balance.GIVE_WAY
    looked = clock.sleeps
    held.give_way(MANY)
    assert clock.sleeps == looked
    clock.now += balance.IN_VAIN
    held.give_way(MANY)
    assert clock.sleeps == 2 * looked


def test_who_is_gone_is_not_waited_for(clock: Clock, held: Held) -> None:
    held.tell(GONE, 0)
    held.forget(GONE)
    held.forget(FEW)
    held.give_way(MANY)
    assert clock.sleeps == 0


def test_numbers_go_round(clock: Clock) -> None:
    held = Held()
    held.tell(7, 1)
    held.tell(1_000_007, 2)
    held.give_way(1_000_007)
    assert clock.sleeps
