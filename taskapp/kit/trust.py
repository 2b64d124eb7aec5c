"""How long a lookup's result that can be revoked is trusted: from the moment the read began, however long it took."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TLRUCache

MOST = 10_000
# Together with the time that a request may then still wait for the database (1.9 s), it stays below the five seconds
# within which a revocation must take effect everywhere.
TRUST_SECONDS = 3.0
Value = TypeVar("Value")


class Trust(Generic[Value]):
    """The results of reads, each kept for ``seconds`` after its read began; thread-safe.

    A read sees whatever was revoked before it began. So nothing is trusted longer than ``seconds`` after it was
    revoked, even if the read is slow and the revocation comes while it is under way.

    :param timer: monotonic seconds
    """

    def __init__(self, seconds: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer, self._lock = timer, threading.Lock()
        self._kept: TLRUCache[Hashable, tuple[float, Value]] = TLRUCache(
            MOST, lambda _, kept, __: kept[0] + seconds, timer)

    def begin(self) -> float:
        """Return the time, to be taken before a read begins."""
        return self._timer()

    def keep(self, key: Hashable, began: float, value: Value) -> None:
        """Remember the result of a read."""
        with self._lock:
            self._kept[key] = began, value

    def find(self, key: Hashable) -> Value | None:
        """Return what is still trusted, or None."""
        with self._lock:
            kept = self._kept.get(key)
        return kept[1] if kept else None

    def forget(self, key: Hashable) -> None:
        """Stop trusting an entry."""
        with self._lock:
            self._kept.pop(key, None)
