"""Check whether a node may use its data folder."""

import re
import shutil
from pathlib import Path

from taskapp.localnode.errors import NodeError

# Commit log segments and the first compactions need some of it immediately.
MIN_FREE = 500 * 1024**2
_MARK = "cassandra-version"
# SSTable formats of Cassandra 5.0: big and trie-indexed.
_OWN_TABLE = re.compile(r"(oa|da)-")


def check(folder: Path, version: str, min_free: int = MIN_FREE) -> None:
    """Create the folder, and raise unless a node of ``version`` may use it.

    :raise NodeError: it is not writable, the disk is too full, or the data belong to another version.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < min_free:
            raise NodeError(f"Only {free // 1024**2} MB are free for {folder}; the local node needs "
                            f"{min_free // 1024**2} MB")
        _check_version(folder, version)
    except OSError as error:
        raise NodeError(f"Cannot write to {error.filename or folder}: {error.strerror}") from error


def _check_version(folder: Path, version: str) -> None:
    mark = folder / _MARK
    found = mark.read_text().strip() if mark.exists() else _guess(folder, version)
    if _major(found) != _major(version):
        raise NodeError(f"{folder} holds data of Cassandra {found}, and this is {version}; "
                        f"set TASKAPP_DATA_DIR to another folder")
    mark.write_text(version)


def _guess(folder: Path, version: str) -> str:
    tables = (folder / "data" / "system").glob("*/*-Data.db")
    return version if all(_OWN_TABLE.match(table.name) for table in tables) else "another version"


def _major(version: str) -> str:
    return ".".join(version.split(".")[:2])
