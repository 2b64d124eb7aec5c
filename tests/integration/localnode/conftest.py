"""A node of its own for each test that asks, on an address and ports nobody else uses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taskapp.localnode import LocalNode, ports, prepare
from taskapp.settings import Settings

ADDRESS = "127.0.0.5"
NewNode = Callable[..., LocalNode]


@pytest.fixture(scope="session")
def parts() -> tuple[Path, list[Path]]:
    return prepare(Settings.from_env())


@pytest.fixture
def new_node(parts: tuple[Path, list[Path]], tmp_path: Path) -> Iterator[NewNode]:
    """Make nodes on one data folder; they end with the test."""
    java, jars = parts
    native, storage = ports.find_free(ADDRESS), ports.find_free(ADDRESS)
    made: list[LocalNode] = []

    def make(**given: Any) -> LocalNode:
        options = {"address": ADDRESS, "native_port": native, "storage_port": storage, "heap": "256m", "fast": True}
        made.append(LocalNode(tmp_path / "data", java=java, jars=jars, **{**options, **given}))
        return made[-1]

    yield make
    for node in made:
        node.kill()
