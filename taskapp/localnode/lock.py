"""Regenerate ``cassandra.lock.json``: ``python -m taskapp.localnode.lock [version]`` (``make lock``)."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from taskapp.localnode import catalog, jars, packages, registry
from taskapp.localnode.catalog import Jar

# Jars for other systems, or only for command-line tools.
_OTHER_SYSTEMS = ("windows-", "linux-riscv")
_TOOLS = {"cassandra-driver-core", "sjk-cli", "sjk-core", "sjk-json", "sjk-stacktrace", "mxdump", "jvm-attach-api",
          "jcommander"}


def main(version: str) -> None:
    """Resolve Cassandra's jars, download each, and write their checksums."""
    jgo = packages.load("jgo", "node.txt", print)
    found = [artifact for artifact in jgo.resolve(f"org.apache.cassandra:cassandra-all:{version}")
             if artifact.artifactId not in _TOOLS and not artifact.classifier.startswith(_OTHER_SYSTEMS)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
        context = registry.open_registry(Path(folder), print)
        locked = sorted(pool.map(lambda artifact: _lock(context, artifact), found), key=str)
    catalog.write(version, locked)
    print(f"{catalog.LOCK_FILE.name}: {len(locked)} jars, {sum(jar.size for jar in locked) / 1e6:.0f} MB")


def _lock(context: Any, artifact: Any) -> Jar:
    jar = Jar(group=artifact.groupId, artifact=artifact.artifactId, version=artifact.version,
              classifier=artifact.classifier, sha256="", size=0)
    path = registry.download(context, jar)
    return Jar(group=jar.group, artifact=jar.artifact, version=jar.version, classifier=jar.classifier,
               sha256=jars.digest(path), size=path.stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else catalog.cassandra_version())
