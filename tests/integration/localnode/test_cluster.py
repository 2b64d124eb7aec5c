"""Two nodes find each other."""

from pathlib import Path

from cassandra import ConsistencyLevel
from cassandra.cluster import Cluster
from cassandra.query import SimpleStatement

from taskapp.localnode import LocalCluster, ports


def test_a_write_reaches_both_nodes_at_once(parts: tuple[Path, list[Path]], tmp_path: Path) -> None:
    java, jars = parts
    native, storage = ports.find_free("127.0.0.6"), ports.find_free("127.0.0.6")
    with LocalCluster(tmp_path, 2, first=6, java=java, jars=jars, native_port=native, storage_port=storage,
                      heap="256m", fast=True) as nodes:
        assert nodes.addresses == ["127.0.0.6", "127.0.0.7"]
        with Cluster(nodes.addresses, port=native, protocol_version=5) as driver:
            session = driver.connect()
            session.execute("CREATE KEYSPACE both WITH replication = "
                            "{'class': 'SimpleStrategy', 'replication_factor': 2}")
            session.execute("CREATE TABLE both.t (k int PRIMARY KEY)")
            session.execute(SimpleStatement("INSERT INTO both.t (k) VALUES (1)",
                                            consistency_level=ConsistencyLevel.ALL))
    assert not any(node.running for node in nodes.nodes)
