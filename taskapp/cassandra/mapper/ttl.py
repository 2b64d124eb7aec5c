"""Time to live of cells: from the time at which something ends to the seconds of ``USING TTL``."""

from datetime import datetime, timedelta

# A node with `storage_compatibility_mode: CASSANDRA_4`, the default of Cassandra 5.0, counts in 32 bits, and rejects a
# TTL that expires after 2038-01-19T03:14:06. What ends later is written without one: readers go by its end time.
COUNTED_TO = datetime(2038, 1, 19)
# Cells written after their row live slightly shorter than the row, so that the cell that says when the row ends is
# there as long as any of it. Each is also a margin for clock skew: nothing may vanish before its time.
PART, WHOLE = timedelta(seconds=10), timedelta(seconds=20)


def seconds(ends: datetime | None, at: datetime) -> int:
    """Return the seconds from ``at`` to an end, rounded up, at least 1; 0 (for ever) for no end or one too late."""
    if ends is None or ends >= COUNTED_TO:
        return 0
    return max(1, -(-(ends - at) // timedelta(seconds=1)))
