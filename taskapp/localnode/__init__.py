"""The embedded Cassandra node, for development and tests.

``prepare`` finds or downloads Java and Cassandra; ``LocalNode`` runs one node, ``LocalCluster`` several.
"""

from taskapp.localnode.cluster import LocalCluster
from taskapp.localnode.errors import NodeError
from taskapp.localnode.node import LocalNode
from taskapp.localnode.prepare import from_settings, of_settings, prepare

__all__ = ["LocalCluster", "LocalNode", "NodeError", "from_settings", "of_settings", "prepare"]
