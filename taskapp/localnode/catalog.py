"""The jars of the local node and their checksums (``cassandra.lock.json``)."""

import json
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("cassandra.lock.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """One file of the Java package registry."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int

    def __str__(self) -> str:
        return f"{self.artifact}-{self.version}{'-' if self.classifier else ''}{self.classifier}.jar"

    @property
    def system(self) -> str:
        """The classifier if it names a platform such as ``linux-x86_64``; else empty."""
        return self.classifier if self.classifier.startswith(("linux-", "osx-")) else ""


def this_system() -> str:
    """Return this machine's platform as a classifier names it."""
    system = "osx" if sys.platform == "darwin" else "linux"
    return f"{system}-{'aarch_64' if platform.machine() in ('arm64', 'aarch64') else 'x86_64'}"


def read(path: Path = LOCK_FILE) -> tuple[str, list[Jar]]:
    """Read a lock file: the version of Cassandra and every jar."""
    lock = json.loads(path.read_text())
    return lock["cassandra"], [Jar(**jar) for jar in lock["jars"]]


def write(cassandra: str, jars: list[Jar], path: Path = LOCK_FILE) -> None:
    """Write a lock file with one jar per line, for readable diffs."""
    lines = ",\n".join(json.dumps(asdict(jar)) for jar in jars)
    path.write_text(f'{{"cassandra": {json.dumps(cassandra)}, "jars": [\n{lines}\n]}}\n')


def needed(path: Path = LOCK_FILE) -> list[Jar]:
    """List the jars this machine needs."""
    return [jar for jar in read(path)[1] if jar.system in ("", this_system())]


def cassandra_version(path: Path = LOCK_FILE) -> str:
    """Return the version of Cassandra in the lock file, such as 5.0.8."""
    return read(path)[0]
