"""Clocks: how far this machine's clock is from those of the nodes.

Walks rely on clocks that differ by no more than a few seconds (`features/tasks/buckets.py`, `walks.py`). So a worker
looks now and then, and is not ready while its clock differs too much from those of most nodes: one node whose own
clock is wrong does not take all workers out of service.
"""

import logging
import uuid
from datetime import datetime

from prometheus_client import Gauge

from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.driver.statement import Statement
from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.kit import clock
from taskapp.kit.repeated import Repeated

log = logging.getLogger(__name__)
LOOK_SECONDS = 10.0
# Half of what the clocks of two machines may differ by.
TOLERATED_SECONDS = 5.0

DIFFERENCE = Gauge("taskapp_clock_difference_seconds", "By how much a worker's clock differs from a node's, at most.",
                   multiprocess_mode="livemax")
_NODE = Statement("clocks.node", "SELECT host_id, toTimestamp(now()) FROM system.local")
# Seconds by which our clock is ahead of each node's, at the last look.
_ahead: dict[uuid.UUID, float] = {}


def look() -> None:
    """Compare our clock with that of the next node in turn.

    :raise DatabaseUnavailable: the node does not answer
    """
    sent = clock.now()
    ((node, at),) = _NODE.run()
    found = ahead(sent, at, clock.now())
    if abs(found) > TOLERATED_SECONDS >= abs(_ahead.get(node, 0.0)):
        log.error("this machine's clock differs from a node's by %.1f s", found, extra={"node": str(node)})
    _ahead[node] = found
    DIFFERENCE.set(max(map(abs, _of_known_nodes()), default=0.0))


def ahead(sent: datetime, at: datetime, came: datetime) -> float:
    """Return the least number of seconds by which our clock is ahead of a node's, or (if negative) behind it.

    :param at: the node's time, between ``sent`` and ``came`` if the clocks agree
    """
    early, late = (sent - at).total_seconds(), (came - at).total_seconds()
    return max(early, 0.0) + min(late, 0.0)


def reason() -> str | None:
    """Say why this process must not serve, in a sentence; None when its clock is right."""
    return fault(_of_known_nodes())


def fault(differences: list[float]) -> str | None:
    """Say that our clock is wrong, if it differs from those of most nodes; else None.

    :param differences: seconds by which it is ahead of each node's
    """
    wrong = [each for each in differences if abs(each) > TOLERATED_SECONDS]
    if len(wrong) * 2 <= len(differences):
        return None
    return f"this machine's clock differs from the database's by {max(wrong, key=abs):+.1f} s"


def _of_known_nodes() -> list[float]:
    hosts = {host.host_id for host in db.cluster.metadata.all_hosts()} if db.connected else set()
    return [found for node, found in list(_ahead.items()) if node in hosts]


def watch() -> Repeated:
    """Create the thread that looks."""
    return Repeated("clocks", LOOK_SECONDS, look, (DatabaseUnavailable,))
