"""Several nodes that form one cluster, for tests."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from taskapp.localnode import configuration
from taskapp.localnode.node import LocalNode


class LocalCluster:
    """``size`` nodes on 127.0.0.<first> and the addresses after it, all on the same ports; a context manager.

    On macOS every address except 127.0.0.1 must be added to the loopback interface.
    """

    def __init__(self, folder: Path, size: int, *, java: Path, jars: Sequence[Path], first: int = 1,
                 overrides: dict[str, Any] | None = None, **options: Any) -> None:
        addresses = [f"127.0.0.{first + index}" for index in range(size)]
        self.nodes = [
            LocalNode(folder / f"node{index + 1}", java=java, jars=jars, address=address,
                      # a node waits this long for gossip before it joins the ring
                      properties={"cassandra.ring_delay_ms": "5000"},
                      overrides={"seed_provider": configuration.seeds(addresses[0]),
                                 "initial_token": str(configuration.token(index, size)), **(overrides or {})},
                      **options)
            for index, address in enumerate(addresses)]

    @property
    def addresses(self) -> list[str]:
        """The nodes' addresses: contact points for a driver."""
        return [node.address for node in self.nodes]

    def start(self) -> None:
        """Start the nodes one by one: two that join at once may not see each other's token."""
        for index, node in enumerate(self.nodes):
            node.start()
            node.wait_ready()
            # a node is ready before it sees the others
            for earlier in self.nodes[:index]:
                node.wait_for(earlier)
                earlier.wait_for(node)

    def stop(self) -> None:
        """Stop all nodes in parallel."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(LocalNode.stop, self.nodes))

    def __enter__(self) -> "LocalCluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
