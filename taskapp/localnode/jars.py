"""The jar cache: every start checks every file and downloads those that are missing or damaged."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from taskapp.localnode import file_lock, registry
from taskapp.localnode.catalog import Jar
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import Advance, Say, download_bar

_THREADS = 8
Download = Callable[[Jar], Path]


def ensure(jars: list[Jar], folder: Path, say: Say) -> list[Path]:
    """Return the paths of all jars, intact; download those that are missing or damaged.

    :raise NodeError: a jar cannot be downloaded or has the wrong checksum; a wrong file is never cached.
    """
    if _damaged(jars, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with file_lock.exclusive(folder / "lock"):
            # another process may have downloaded them meanwhile
            missing = _damaged(jars, folder)
            if missing:
                _fetch(missing, folder, say)
    return [cached(jar, folder) for jar in jars]


def cached(jar: Jar, folder: Path) -> Path:
    """Return the path of a jar in the cache."""
    return folder / f"{jar.sha256}.jar"


def is_whole(jar: Jar, path: Path) -> bool:
    """Return whether a file is the jar listed in the lock file."""
    try:
        return path.stat().st_size == jar.size and digest(path) == jar.sha256
    except FileNotFoundError:
        return False


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(jar: Jar, download: Download, folder: Path) -> None:
    """Download a jar and move it into the cache if it matches the lock file.

    :raise NodeError: it does not match.
    """
    path = download(jar)
    if not is_whole(jar, path):
        found = digest(path)
        path.unlink()
        raise NodeError(f"{jar} is not the file of the lock: expected sha256 {jar.sha256}, got {found}; not kept")
    os.replace(path, cached(jar, folder))


def _damaged(jars: list[Jar], folder: Path) -> list[Jar]:
    with ThreadPoolExecutor(_THREADS) as pool:
        whole = pool.map(lambda jar: is_whole(jar, cached(jar, folder)), jars)
        return [jar for jar, good in zip(jars, whole, strict=True) if not good]


def _fetch(jars: list[Jar], folder: Path, say: Say) -> None:
    for left in folder.glob("download-*"):
        shutil.rmtree(left, ignore_errors=True)  # left by a killed process; we hold the lock
    total = sum(jar.size for jar in jars)
    say(f"Downloading {len(jars)} jars, {total / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as temporary, download_bar(total) as advance:
        context = registry.open_registry(Path(temporary), say)
        _fetch_all(jars, lambda jar: registry.download(context, jar), folder, advance)


def _fetch_all(jars: list[Jar], download: Download, folder: Path, advance: Advance) -> None:
    def fetch(jar: Jar) -> None:
        store(jar, download, folder)
        advance(jar.size)

    pool = ThreadPoolExecutor(_THREADS)
    try:
        list(pool.map(fetch, jars))
    finally:
        pool.shutdown(cancel_futures=True)
