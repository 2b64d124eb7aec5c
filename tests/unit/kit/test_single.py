"""Numbers of single precision: what is shown is short, and is what was kept."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit.single import rounded, shortest

SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.6, 4.8, 5.5, 1e-45, 3.4028234663852886e38, 16777216.0, 33.333])
def test_short_numbers_stay_short(value: float) -> None:
    kept = rounded(value)
    assert len(repr(shortest(kept))) <= max(len(repr(value)), 12)
    assert rounded(shortest(kept)) == kept


def test_a_double_would_show_what_nobody_wrote() -> None:
    assert rounded(4.8) != 4.8
    assert shortest(rounded(4.8)) == 4.8


@given(SINGLES)
def test_what_is_shown_is_what_was_kept(value: float) -> None:
    assert rounded(shortest(value)) == value
    assert struct.pack("<f", shortest(value)) == struct.pack("<f", value)


@given(st.floats(min_value=0, max_value=1e5))
def test_rounding_twice_is_rounding_once(value: float) -> None:
    assert rounded(rounded(value)) == rounded(value)
    assert rounded(value) == pytest.approx(value, rel=1e-7, abs=1e-44)


def test_what_four_bytes_cannot_hold() -> None:
    with pytest.raises(OverflowError):
        rounded(1e39)
