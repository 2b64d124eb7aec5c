"""How long cells live: from the time at which something ends to the seconds of ``USING TTL``."""

from datetime import datetime, timedelta

# A node with `storage_compatibility_mode: CASSANDRA_4`, the default of Cassandra 5.0, counts in 32 bits, and refuses a
# TTL that leads beyond 2038-01-19T03:14:06. What ends later is written without one: readers go by its time of ending.
COUNTED_TO = datetime(2038, 1, 19)
# Cells that were written after their row live a little shorter than the row, so that what tells when the row ends is
# there as long as any of it. Each is a margin for clocks that differ, too: nothing may vanish before its time.
PART, WHOLE = timedelta(seconds=10), timedelta(seconds=20)


def seconds(ends: datetime | None, at: datetime) -> int:
    """Count the seconds from ``at`` to an end, rounded up and at least one; 0, which is for ever, without an end."""
    if ends is None or ends >= COUNTED_TO:
        return 0
    return max(1, -(-(ends - at) // timedelta(seconds=1)))
