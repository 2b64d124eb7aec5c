"""Rates: how often something may be done, and how often it was.

A sliding window is approximated by two fixed ones: the count of the previous one is weighted by how much of it the
sliding window still covers. Unlike fixed windows, it never lets through twice the quota around a boundary.
"""

import re
from dataclasses import dataclass

_RATE = re.compile(r"([1-9]\d{0,8})/(second|minute|hour|day)", re.ASCII)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``quota`` times in any ``seconds``."""

    quota: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Parse a rate such as ``600/minute``.

        :raise ValueError: it is not a rate
        """
        if not (match := _RATE.fullmatch(text)):
            raise ValueError(f"{text!r} is no rate such as 600/minute (per second, minute, hour or day)")
        return cls(int(match[1]), _SECONDS[match[2]])

    def window(self, at: float) -> int:
        """Return the number of the window that contains a time (seconds since 1970)."""
        return int(at // self.seconds)

    def used(self, at: float, before: int, here: int) -> float:
        """Return how much of the quota is used at a time.

        :param before: the count of the previous window
        :param here: the count of this one
        """
        return before * (1 - at % self.seconds / self.seconds) + here

    def wait(self, at: float, before: int, here: int) -> float:
        """Return the seconds until one more is let through, if nothing is done meanwhile."""
        if here >= self.quota:
            # This window alone has used up the quota: some of its count must slide out during the next one.
            return (self.window(at) + 1) * self.seconds - at + (1 - (self.quota - 1) / here) * self.seconds
        share = (self.quota - 1 - here) / before if before else 1.0
        return max(0.0, (1 - share) * self.seconds - at % self.seconds)
