"""Build a startable node from the settings."""

import os
from pathlib import Path

from taskapp.localnode import catalog, jars, java
from taskapp.localnode.node import LocalNode
from taskapp.localnode.progress import Say, silent
from taskapp.settings import Settings


def prepare(settings: Settings, say: Say = silent) -> tuple[Path, list[Path]]:
    """Find Java and download the missing jars; return ``java`` and the class path.

    :raise NodeError: one of them is unavailable.
    """
    return java.find(settings.java_home, say), jars.ensure(catalog.needed(), cache_folder(settings), say)


def cache_folder(settings: Settings) -> Path:
    """Return the folder of the jars, shared by all of a user's working copies."""
    if settings.cache_dir != Path():
        return settings.cache_dir / "cassandra"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taskapp" / "cassandra"


def from_settings(settings: Settings, say: Say = silent, *, outlive: bool = False) -> LocalNode:
    """Return the settings' node, ready to be started."""
    path, class_path = prepare(settings, say)
    return _node(settings, path, class_path, outlive)


def of_settings(settings: Settings) -> LocalNode:
    """Return the settings' node at its actual address, to inspect or stop it; nothing is downloaded."""
    node = _node(settings, Path("java"), [], outlive=True)
    node.follow()
    return node


def _node(settings: Settings, path: Path, class_path: list[Path], outlive: bool) -> LocalNode:
    return LocalNode(settings.data_dir, java=path, jars=class_path, address=settings.node_address,
                     native_port=settings.cassandra_port, storage_port=settings.node_storage_port,
                     heap=settings.node_heap, outlive=outlive)
