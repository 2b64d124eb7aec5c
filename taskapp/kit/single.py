"""Single-precision numbers, as a column of type float stores them: four bytes, some seven digits."""

import struct

_SINGLE = struct.Struct("<f")


def rounded(value: float) -> float:
    """Round a number to the nearest one that four bytes can hold.

    :raise OverflowError: it is out of their range
    """
    found: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    return found


def shortest(value: float) -> float:
    """Return the number with the fewest digits that is stored as ``value``: 4.8 for 4.800000190734863."""
    # Nine digits distinguish any two single-precision numbers.
    return next(short for digits in range(6, 10) if rounded(short := float(f"{value:.{digits}g}")) == value)
