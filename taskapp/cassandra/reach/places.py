"""Where the cluster is, and how it is reached: a given one, the local node, or one at Astra."""

from dataclasses import dataclass
from typing import Any

from cassandra.connection import SniEndPointFactory

from taskapp.cassandra.reach import bundle
from taskapp.cassandra.reach.credentials import ssl_context
from taskapp.cassandra.reach.node_connection import NodeConnection
from taskapp.cassandra.reach.proxy import ProxyConnection
from taskapp.settings import Settings

# Native protocol 5: checksummed frames, and result metadata that is updated when a table changes.
PROTOCOL = 5
# Version 4 is what Astra's guides name; TLS provides the checksums, and none of our statements selects `*`.
ASTRA_PROTOCOL = 4


@dataclass(frozen=True)
class Place:
    """What the driver's Cluster needs to find and reach the nodes, and the data centre whose nodes are queried."""

    options: dict[str, Any]
    local_dc: str


def place(settings: Settings) -> Place:
    """Find the cluster that the settings name; at Astra, by asking its metadata service.

    :raise BadSettings: a certificate file or the bundle cannot be used
    :raise DatabaseUnavailable: Astra's metadata service does not say where the nodes are
    """
    return _astra(settings) if settings.astra else _given(settings)


def address(settings: Settings) -> str:
    """Name the cluster, for messages."""
    if settings.astra:
        return f"Astra ({settings.astra_db_secure_bundle_path})"
    return ", ".join(_contact_points(settings)) + f" port {settings.cassandra_port}"


def _given(settings: Settings) -> Place:
    return Place({
        "contact_points": _contact_points(settings),
        "port": settings.cassandra_port,
        "protocol_version": PROTOCOL,
        "ssl_context": ssl_context(settings),
        "connection_class": NodeConnection,
    }, settings.cassandra_local_dc)


def _contact_points(settings: Settings) -> list[str]:
    return list(settings.cassandra_contact_points) or [settings.node_address]


def _astra(settings: Settings) -> Place:
    found = bundle.read(settings.astra_db_secure_bundle_path)
    nodes = bundle.ask(found)
    context = found.context()
    # `ProxyConnection` checks the name instead.
    context.check_hostname = False
    endpoints = SniEndPointFactory(nodes.proxy, nodes.port)
    return Place({
        "contact_points": [endpoints.create_from_sni(each) for each in nodes.host_ids],
        "endpoint_factory": endpoints,
        "protocol_version": ASTRA_PROTOCOL,
        "ssl_context": context,
        "connection_class": ProxyConnection,
    }, nodes.local_dc)
