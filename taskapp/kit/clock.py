"""Times and ids: the only place that gets them from the machine.

Inside the service a time is a naive ``datetime`` in UTC, in whole milliseconds, as Cassandra's ``timestamp`` stores it.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1)
# 100 ns intervals between the UUID epoch (1582-10-15) and the Unix epoch (RFC 9562, 5.1).
_UUID_EPOCH = 0x01B21DD213814000


def now() -> datetime:
    """Return the current time: naive UTC, whole milliseconds."""
    return floor_ms(datetime.now(UTC).replace(tzinfo=None))


def floor_ms(at: datetime) -> datetime:
    """Truncate a time to whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def midnight(at: datetime) -> datetime:
    """Truncate a time to its day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def nearest_ms(at: datetime) -> datetime:
    """Round a time that the driver read to the nearest millisecond.

    The driver computes times in floating-point seconds, which beyond the year 2242 are off by a few microseconds
    (`cassandra/cython_utils.pyx`, datetime_from_timestamp).
    """
    rest = at.microsecond % 1000
    return at + timedelta(microseconds=1000 - rest if rest >= 500 else -rest) if rest else at


def micros(at: datetime) -> int:
    """Return the microseconds from 1970 to a naive UTC time."""
    return (at - EPOCH) // timedelta(microseconds=1)


def rfc3339(at: datetime) -> str:
    """Format a naive UTC time as RFC 3339 with milliseconds and ``Z``."""
    return at.isoformat(timespec="milliseconds") + "Z"


def parsed(text: str) -> datetime:
    """Parse the output of ``rfc3339``."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def new_id() -> uuid.UUID:
    """Generate a random id (UUID version 4)."""
    return uuid.uuid4()


def timeuuid(at: datetime, low: int | None = None) -> uuid.UUID:
    """Make a version 1 UUID of the given time; its other 62 bits are ``low``, or random."""
    ticks = micros(at) * 10 + _UUID_EPOCH
    low = random.getrandbits(62) if low is None else low & (1 << 62) - 1
    high = (ticks & 0xFFFFFFFF) << 32 | (ticks >> 32 & 0xFFFF) << 16 | 0x1000 | ticks >> 48 & 0x0FFF
    return uuid.UUID(int=high << 64 | 0x8000000000000000 | low)


def timeuuid_time(value: uuid.UUID) -> datetime:
    """Return the time of a version 1 UUID, to the microsecond."""
    return EPOCH + timedelta(microseconds=(value.time - _UUID_EPOCH) // 10)
