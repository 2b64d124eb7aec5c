"""Rates: a sliding window, whatever the boundaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit.rate import Rate


@pytest.mark.parametrize(("text", "rate"), [("600/minute", Rate(600, 60)), ("1/second", Rate(1, 1)),
                                            ("5/hour", Rate(5, 3600)), ("7/day", Rate(7, 86_400))])
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "600", "0/minute", "-1/minute", "600/fortnight", "600 / minute", "1.5/minute"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="600/minute"):
        Rate.parse(text)


@given(st.integers(1, 1000), st.lists(st.floats(0, 600, allow_nan=False), max_size=300))
def test_no_window_of_that_length_lets_through_much_more(quota: int, moments: list[float]) -> None:
    rate, counts, passed = Rate(quota, 60), dict[int, int](), list[float]()
    for at in sorted(moments):
        window = rate.window(at)
        before, here = counts.get(window - 1, 0), counts.get(window, 0)
        if rate.used(at, before, here) + 1 <= quota:
            counts[window] = here + 1
            passed.append(at)
    for at in passed:
        # Two fixed windows without the share of the one before would let through twice the quota.
        assert sum(at <= other < at + 60 for other in passed) <= 2 * quota
        assert sum(window == rate.window(at) for window in map(rate.window, passed)) <= quota


@given(st.floats(0, 10_000), st.integers(0, 50), st.integers(0, 50))
def test_after_the_wait_there_is_one_more(at: float, before: int, here: int) -> None:
    rate = Rate(10, 60)
    after = at + rate.wait(at, before, here) + 1e-6
    moved = rate.window(after) > rate.window(at)
    assert rate.used(after, *((here, 0) if moved else (before, here))) + 1 <= 10 + 1e-4


def test_what_was_done_at_the_end_of_a_window_counts_at_the_beginning_of_the_next() -> None:
    rate = Rate(10, 60)
    assert rate.used(60.0, 10, 0) == 10
    assert rate.used(90.0, 10, 0) == 5
    assert rate.used(119.9, 10, 3) < 3.1


def test_the_wait_is_no_longer_than_it_must_be() -> None:
    rate = Rate(10, 60)
    for at, before, here in ((70.0, 10, 4), (61.0, 10, 0), (119.0, 0, 10)):
        shortly_before = at + rate.wait(at, before, here) - 0.01
        moved = rate.window(shortly_before) > rate.window(at)
        counts = (here, 0) if moved else (before, here)
        assert shortly_before < at or rate.used(shortly_before, *counts) + 1 > 10
