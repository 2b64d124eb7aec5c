"""How long what was read of a token is trusted: from the moment at which the read began, however long it took."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import TLRUCache

MOST = 10_000
Value = TypeVar("Value")


class Trust(Generic[Value]):
    """What reads told, each for so many seconds after it began; safe for many threads.

    A read has seen whatever was revoked before it began. So nothing is trusted longer than ``seconds`` after it was
    revoked, be the read a slow one, and the revocation one that came while it was under way.

    :param timer: monotonic seconds
    """

    def __init__(self, seconds: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer, self._lock = timer, threading.Lock()
        self._kept: TLRUCache[bytes, tuple[float, Value]] = TLRUCache(
            MOST, lambda _, kept, __: kept[0] + seconds, timer)

    def begin(self) -> float:
        """Tell the time, before a read begins."""
        return self._timer()

    def keep(self, key: bytes, began: float, value: Value) -> None:
        """Remember what a read told."""
        with self._lock:
            self._kept[key] = began, value

    def find(self, key: bytes) -> Value | None:
        """Find what is trusted still."""
        with self._lock:
            kept = self._kept.get(key)
        return kept[1] if kept else None

    def forget(self, key: bytes) -> None:
        """Trust it no more."""
        with self._lock:
            self._kept.pop(key, None)
