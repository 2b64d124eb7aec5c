"""Where the database of a bench is: a given cluster, one that answers on this machine, or the local node."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from taskapp.localnode import from_settings, ports
from taskapp.settings import Settings

LOCAL_DC = os.environ.get("TASKAPP_CASSANDRA_LOCAL_DC", "datacenter1")
_POINTS, _PORT = "TASKAPP_CASSANDRA_CONTACT_POINTS", "TASKAPP_CASSANDRA_PORT"


def contact_points() -> tuple[str, ...]:
    """Name the nodes to ask."""
    return tuple(os.environ.get(_POINTS, "127.0.0.1").split(","))


def port() -> int:
    """Name the port they answer on."""
    return int(os.environ.get(_PORT, "9042"))


@contextmanager
def database() -> Iterator[psutil.Process | None]:
    """Find or start the database, for this process and its children; yield its process, if it is on this machine."""
    if _POINTS not in os.environ and not ports.answers_cql("127.0.0.1", port()):
        node = from_settings(Settings.from_env(), print)
        node.start(print)
        node.wait_ready()
        try:
            os.environ[_POINTS] = node.address
            yield psutil.Process(node.pid)
        finally:
            if node.started:
                node.stop()
        return
    os.environ[_POINTS] = ",".join(contact_points())
    yield _listening(port())


def _listening(number: int) -> psutil.Process | None:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == number and connection.pid and \
                connection.laddr.ip in (*contact_points(), "0.0.0.0", "::"):
            return psutil.Process(connection.pid)
    return None
