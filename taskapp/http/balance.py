"""Sharing connections evenly among the workers of one master.

They accept from one socket. The first worker to wake takes a connection and keeps it for as long as it stays open: of
sixteen opened at once, one of two workers held all in 7 of 24 tries, while the other's processor idled. gunicorn has no
setting for that. So each worker publishes how many it holds, and one that holds more than another lets that one go
first.
"""

import mmap
import time

# Seconds: the longest wait for another worker to take a connection, the interval between checks whether it did, and how
# long nobody is waited for after a wait in vain. A busy worker needs some milliseconds to get its own GIL; one that
# hangs is not waited for again at once.
GIVE_WAY, _LOOK, IN_VAIN = 0.02, 0.001, 0.2
# More than there are workers: a worker's place is its number modulo this.
_PLACES, _NOBODY = 128, -1


class Held:
    """How many connections each worker holds, in memory shared with all processes forked from this one."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * _PLACES)).cast("i")
        for place in range(_PLACES):
            self._counts[place] = _NOBODY
        self._hurried_until = 0.0

    def tell(self, worker: int, connections: int) -> None:
        """Publish how many connections an accepting worker holds."""
        self._counts[worker % _PLACES] = connections

    def forget(self, worker: int) -> None:
        """Forget a worker that no longer accepts connections, or is gone."""
        self._counts[worker % _PLACES] = _NOBODY

    def give_way(self, worker: int) -> None:
        """Wait briefly while another accepting worker holds fewer connections."""
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
