"""The command line of a node's Java process."""

from collections.abc import Mapping, Sequence
from pathlib import Path

_EXPORTS = (
    "java.base/java.lang.ref",
    "java.base/jdk.internal.misc",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.management/com.sun.jmx.remote.security",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.unsupported/sun.misc",
)
_OPENS = (
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.util.jar",
    "java.base/sun.nio.ch",
    "jdk.management/com.sun.management.internal",
)

_SMALL = ["-Xms64m", "-Xss256k", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=128m"]
_SAFE = ["-XX:+ExitOnOutOfMemoryError", "-XX:+PerfDisableSharedMem", "-XX:-UsePerfData"]

_PROPERTIES = {
    "cassandra-foreground": "true",
    # a single node has none to wait for; the defaults cost about a minute
    "cassandra.skip_wait_for_gossip_to_settle": "0",
    "cassandra.superuser_setup_delay_ms": "0",
    "cassandra.ring_delay_ms": "1000",
    "cassandra.shutdown_announce_in_ms": "0",
    "io.netty.allocator.maxOrder": "11",
    "io.netty.allocator.useCacheForAllThreads": "true",
    "io.netty.tryReflectionSetAccessible": "true",
    "java.net.preferIPv4Stack": "true",
    "jdk.attach.allowAttachSelf": "true",
}


def command(java: Path, jars: Sequence[Path], folder: Path, heap: str, properties: Mapping[str, str]) -> list[str]:
    """Build the command that runs a node on the files in ``folder``."""
    properties = {
        **_PROPERTIES,
        "cassandra.config": (folder / "cassandra.yaml").as_uri(),
        "cassandra.storagedir": str(folder),
        "cassandra.logdir": str(folder),
        "logback.configurationFile": str(folder / "logback.xml"),
        **properties,
    }
    return [
        str(java), f"-Xmx{heap}", *_SMALL, *_SAFE,
        # A full disk kills it with SIGBUS, and Java would leave an error file in the working directory.
        f"-XX:ErrorFile={folder / 'java-error.log'}",
        *(f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTS),
        *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENS),
        *(f"-D{name}={value}" for name, value in properties.items()),
        "-cp", ":".join(str(jar) for jar in jars),
        "org.apache.cassandra.service.CassandraDaemon",
    ]
