"""A node's configuration files: ``cassandra.yaml`` (as JSON, a subset of YAML) and ``logback.xml``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOG = "node.log"

_LOGBACK = """<configuration>
  <appender name="FILE" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>{folder}/node.log</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>{folder}/node.%i.log</fileNamePattern>
      <minIndex>1</minIndex>
      <maxIndex>2</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy">
      <maxFileSize>10MB</maxFileSize>
    </triggeringPolicy>
    <encoder><pattern>%-5level [%thread] %date{{ISO8601}} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="FILE"/></root>
</configuration>
"""


def write(folder: Path, yaml: Mapping[str, Any]) -> None:
    """Write both files into the node's folder."""
    (folder / "cassandra.yaml").write_text(json.dumps(yaml, indent=1))
    (folder / "logback.xml").write_text(_LOGBACK.format(folder=folder))


def where(folder: Path) -> tuple[str, int, int]:
    """Read where a folder's node was started: its address, native port and storage port.

    :raise OSError, ValueError, KeyError: none was started, or the file is not one of ours
    """
    written = json.loads((folder / "cassandra.yaml").read_text())
    return written["listen_address"], written["native_transport_port"], written["storage_port"]


def yaml(folder: Path, address: str, native_port: int, storage_port: int) -> dict[str, Any]:
    """Build the configuration of a small node that keeps every acknowledged write."""
    return {
        "cluster_name": "taskapp-local",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "num_tokens": 1,
        "initial_token": str(token(0, 1)),
        "auto_bootstrap": False,
        "seed_provider": seeds(address),
        "listen_address": address,
        "rpc_address": address,
        "native_transport_port": native_port,
        "storage_port": storage_port,
        "authenticator": "AllowAllAuthenticator",
        "storage_compatibility_mode": "NONE",
        "materialized_views_enabled": False,
        "user_defined_functions_enabled": False,
        **_folders(folder), **_safety(), **_limits(), **_sizes(),
    }


def seeds(*addresses: str) -> list[dict[str, Any]]:
    """Build the seed provider: the nodes a node asks about the others."""
    return [{"class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
             "parameters": [{"seeds": ",".join(addresses)}]}]


def token(index: int, size: int) -> int:
    """Return the token of node ``index`` in a balanced ring of ``size`` nodes."""
    return index * 2**64 // size - 2**63


def _folders(folder: Path) -> dict[str, Any]:
    return {
        "data_file_directories": [str(folder / "data")],
        "commitlog_directory": str(folder / "commitlog"),
        "saved_caches_directory": str(folder / "saved_caches"),
        "hints_directory": str(folder / "hints"),
        "cdc_raw_directory": str(folder / "cdc_raw"),
    }


def _safety() -> dict[str, Any]:
    return {
        # a write is on disk before it is acknowledged; `group` makes hot conditional writes six times slower
        "commitlog_sync": "batch",
        # halves what is written to disk before each response
        "commitlog_compression": [{"class_name": "LZ4Compressor"}],
        # on a full or broken disk the node exits, and its starter learns why; `stop` would leave it alive but answering
        # nobody, even once the disk has space again
        "commit_failure_policy": "die",
        "disk_failure_policy": "die",
        # half as many round trips as v1 for a conditional write
        "paxos_variant": "v2",
        "auto_snapshot": False,
    }


def _limits() -> dict[str, Any]:
    """Keep read and write timeouts below a client's 2 s, so that the client learns the node's reason."""
    return {
        "read_request_timeout": "1500ms",
        "write_request_timeout": "1500ms",
        "cas_contention_timeout": "1000ms",
        "range_request_timeout": "5000ms",
        # for TRUNCATE and schema changes on a slow disk
        "truncate_request_timeout": "60000ms",
        "batch_size_warn_threshold": "64KiB",
        "batch_size_fail_threshold": "1024KiB",
        "tombstone_warn_threshold": 5000,
    }


def _sizes() -> dict[str, Any]:
    return {
        "commitlog_segment_size": "16MiB",
        "memtable_heap_space": "64MiB",
        "memtable_offheap_space": "32MiB",
        "memtable_allocation_type": "heap_buffers",
        "disk_access_mode": "standard",
        "concurrent_reads": 8,
        "concurrent_writes": 8,
        "concurrent_compactors": 1,
        "key_cache_size": "8MiB",
        "file_cache_size": "32MiB",
    }
