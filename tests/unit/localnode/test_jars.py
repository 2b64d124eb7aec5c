"""A jar that is not the one of the lock never reaches the cache."""

import hashlib
from pathlib import Path

import pytest

from taskapp.localnode import jars
from taskapp.localnode.catalog import Jar
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import silent

RIGHT = b"the right bytes"
JAR = Jar(group="g", artifact="thing", version="1.0", classifier="linux", size=len(RIGHT),
          sha256=hashlib.sha256(RIGHT).hexdigest())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


@pytest.fixture
def download(tmp_path: Path) -> Path:
    return tmp_path / "thing.part"


def test_the_right_file_is_moved_into_the_cache(cache: Path, download: Path) -> None:
    download.write_bytes(RIGHT)
    jars.store(JAR, lambda _jar: download, cache)
    assert jars.cached(JAR, cache).read_bytes() == RIGHT
    assert not download.exists()


@pytest.mark.parametrize("content", [b"the wrong bytes", RIGHT[:-1], RIGHT + b"!", b""])
def test_another_file_is_refused_by_name_and_removed(content: bytes, cache: Path, download: Path) -> None:
    download.write_bytes(content)
    with pytest.raises(NodeError, match=r"^thing-1\.0-linux\.jar is not the file of the lock") as caught:
        jars.store(JAR, lambda _jar: download, cache)
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []
    assert not download.exists()


@pytest.mark.parametrize("content", [b"the wrong bytes", RIGHT[:-1]])
def test_a_damaged_file_of_the_cache_is_noticed(content: bytes, cache: Path) -> None:
    jars.cached(JAR, cache).write_bytes(content)
    assert not jars.is_whole(JAR, jars.cached(JAR, cache))


def test_a_whole_cache_is_used_as_it_is(cache: Path) -> None:
    jars.cached(JAR, cache).write_bytes(RIGHT)
    assert jars.ensure([JAR], cache, silent) == [jars.cached(JAR, cache)]
