"""Current values: connections, statements in flight, nodes.

Each worker sets its own once a second, so that whichever of them serves `/metrics` can add them all up.
"""

from prometheus_client import Gauge

from taskapp.cassandra.driver import internals
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.kit.repeated import Repeated

LOOK_SECONDS = 1.0

PREPARED = Gauge("taskapp_prepared_statements", "Statements prepared in the workers.", multiprocess_mode="livesum")
CONNECTIONS = Gauge("taskapp_connections", "Open connections to nodes.", multiprocess_mode="livesum")
IN_FLIGHT = Gauge("taskapp_in_flight", "Statements sent and not yet answered.", multiprocess_mode="livesum")
# Workers see the same nodes, so their numbers must not be added up. They have a label, since gunicorn's master, which
# never looks, would otherwise count as a worker that sees none.
NODES = Gauge("taskapp_nodes", "Nodes that are known, and connected to, by the worker that sees the fewest.", ["state"],
              multiprocess_mode="livemin")


def look() -> None:
    """Set the gauges of this process; all are 0 while it has no connection."""
    connections, known = [], 0
    if db.connected:
        try:
            connections = internals.connections(db.session)
            known = len(db.cluster.metadata.all_hosts())
        except DatabaseUnavailable:
            # Closed in the meantime.
            pass
    PREPARED.set(db.prepared_count)
    CONNECTIONS.set(len(connections))
    IN_FLIGHT.set(sum(each.in_flight for each in connections))
    NODES.labels("known").set(known)
    NODES.labels("connected").set(len({each.endpoint for each in connections if not each.is_closed}))


def watch() -> Repeated:
    """Create the thread that looks."""
    return Repeated("gauges", LOOK_SECONDS, look)
