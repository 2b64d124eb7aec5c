"""A node of its own for each test that asks, on an address and ports nobody else uses; and one that others share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def nodes(parts: tuple[Path, list[Path]], folder: Path) -> Iterator[NewNode]:
    """Make nodes on one data folder; they end with the block."""
    java, jars = parts
    native, storage = ports.find_free(ADDRESS), ports.find_free(ADDRESS)
    made: list[LocalNode] = []

    def make(**given: Any) -> LocalNode:
        options = {"address": ADDRESS, "native_port": native, "storage_port": storage, "heap": "256m", "fast": True}
        made.append(LocalNode(folder / "data", java=java, jars=jars, **{**options, **given}))
        return made[-1]

    yield make
    for node in made:
        node.kill()


@pytest.fixture
def new_node(parts: tuple[Path, list[Path]], tmp_path: Path) -> Iterator[NewNode]:
    """Make nodes on one data folder; they end with the test."""
    with nodes(parts, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def same_node(parts: tuple[Path, list[Path]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewNode]:
    """Make nodes on the data folder of this module: whoever starts one finds it running, unless it was stopped."""
    with nodes(parts, tmp_path_factory.mktemp("same")) as make:
        yield make
