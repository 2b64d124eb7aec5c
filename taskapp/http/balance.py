"""What lets the workers of one master share connections evenly.

They accept from one socket. Whoever wakes first takes a connection, and has it for as long as it stays open: of sixteen
that were opened at once, one of two workers held all in 7 of 24 tries, and the other one's processor idled.
gunicorn has no setting for that. So each worker tells how many it holds, and who holds more than another lets that one
go first.
"""

import mmap
import time

# Seconds for another worker to take a connection, at most, and between two looks at whether it did. One that is busy
# needs some milliseconds to get at its own interpreter; one that hangs is not waited for again at once.
GIVE_WAY, _LOOK, IN_VAIN = 0.02, 0.001, 0.2
# More than there are workers: a place is that of a worker's number, counted round.
_PLACES, _NOBODY = 128, -1


class Held:
    """How many connections each worker holds, in memory that is shared with all who are forked from here."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * _PLACES)).cast("i")
        for place in range(_PLACES):
            self._counts[place] = _NOBODY
        self._hurried_until = 0.0

    def tell(self, worker: int, connections: int) -> None:
        """Tell how many connections a worker holds that accepts others."""
        self._counts[worker % _PLACES] = connections

    def forget(self, worker: int) -> None:
        """Forget a worker that accepts no more, or is gone."""
        self._counts[worker % _PLACES] = _NOBODY

    def give_way(self, worker: int) -> None:
        """Wait a moment while another worker that accepts connections holds fewer."""
        end = time.monotonic() + GIVE_WAY
        while self._least() < self._counts[worker % _PLACES]:
            now = time.monotonic()
            if now > end:
                self._hurried_until = now + IN_VAIN
            if now < self._hurried_until:
                return
            time.sleep(_LOOK)

    def _least(self) -> int:
        return min((count for count in self._counts if count != _NOBODY), default=0)
