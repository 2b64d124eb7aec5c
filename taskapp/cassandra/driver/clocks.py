"""Clocks: how far this machine's is from those of the nodes.

Walks rely on clocks that differ by no more than some seconds (`features/tasks/buckets.py`, `walks.py`). So a worker
looks now and then, and is not ready while its clock differs too much from those of most nodes: a node whose own clock
is wrong does not take all workers away.
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
# By node, at the last look: seconds by which our clock is ahead.
_ahead: dict[uuid.UUID, float] = {}


def look() -> None:
    """Compare our clock with that of the node whose turn it is.

    :raise DatabaseUnavailable: it does not say
    """
    sent = clock.now()
    ((node, at),) = _NODE.run()
    found = ahead(sent, at, clock.now())
    if abs(found) > TOLERATED_SECONDS >= abs(_ahead.get(node, 0.0)):
        log.error("this machine's clock differs from a node's by %.1f s", found, extra={"node": str(node)})
    _ahead[node] = found
    DIFFERENCE.set(max(map(abs, _of_known_nodes()), default=0.0))


def ahead(sent: datetime, at: datetime, came: datetime) -> float:
    """Tell by how many seconds at least our clock is ahead of a node's, or (below zero) behind it.

    :param at: the node's time, between ``sent`` and ``came`` if the clocks agree
    """
    early, late = (sent - at).total_seconds(), (came - at).total_seconds()
    return max(early, 0.0) + min(late, 0.0)


def reason() -> str | None:
    """Say why this process must not serve, in a sentence; None when its clock is right."""
    return fault(_of_known_nodes())


def fault(differences: list[float]) -> str | None:
    """Tell from how far our clock is ahead of each node's whether it is ours that is wrong: most of them say so."""
    wrong = [each for each in differences if abs(each) > TOLERATED_SECONDS]
    if len(wrong) * 2 <= len(differences):
        return None
    return f"this machine's clock differs from the database's by {max(wrong, key=abs):+.1f} s"


def _of_known_nodes() -> list[float]:
    hosts = {host.host_id for host in db.cluster.metadata.all_hosts()} if db.connected else set()
    return [found for node, found in list(_ahead.items()) if node in hosts]


def watch() -> Repeated:
    """Make the thread that looks."""
    return Repeated("clocks", LOOK_SECONDS, look, (DatabaseUnavailable,))
