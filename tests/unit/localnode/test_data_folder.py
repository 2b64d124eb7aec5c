"""A folder that a node cannot use is told before Java starts."""

import os
from pathlib import Path

import pytest

from taskapp.localnode import data_folder, file_lock
from taskapp.localnode.errors import NodeError


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    data_folder.check(tmp_path / "new", "5.0.8")
    data_folder.check(tmp_path / "new", "5.0.9")
    assert (tmp_path / "new" / "cassandra-version").read_text() == "5.0.9"


@pytest.mark.parametrize("other", ["4.1.3", "6.0.0"])
def test_data_of_another_major_version(other: str, tmp_path: Path) -> None:
    data_folder.check(tmp_path, other)
    with pytest.raises(NodeError, match=f"holds data of Cassandra {other}, and this is 5.0.8"):
        data_folder.check(tmp_path, "5.0.8")
    assert (tmp_path / "cassandra-version").read_text() == other


def test_unmarked_tables_of_an_older_format(tmp_path: Path) -> None:
    table = tmp_path / "data" / "system" / "local-7ad54392bcdd35a684174e047860b377" / "nb-1-big-Data.db"
    table.parent.mkdir(parents=True)
    table.touch()
    with pytest.raises(NodeError, match="holds data of Cassandra another version"):
        data_folder.check(tmp_path, "5.0.8")


def test_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match=r"^Only \d+ MB are free for "):
        data_folder.check(tmp_path, "5.0.8", min_free=2**80)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NodeError, match=r"^Cannot write to .*/file: File exists"):
        data_folder.check(tmp_path / "file", "5.0.8")


def test_the_lock_has_one_holder_until_it_is_closed(tmp_path: Path) -> None:
    first = file_lock.take(tmp_path / "lock")
    assert first is not None
    assert file_lock.take(tmp_path / "lock") is None
    os.close(first)
    second = file_lock.take(tmp_path / "lock")
    assert second is not None
    os.close(second)
