"""The Java package registry, through the library jgo; no address is written here.

jgo's own checksum test only warns, so callers must verify what they get.
"""

import os
from pathlib import Path
from typing import Any

from taskapp.localnode import packages
from taskapp.localnode.catalog import Jar
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import Say

# Seconds without a byte after which a download is retried.
_TIMEOUT = 30
_ATTEMPTS = 3


def open_registry(folder: Path, say: Say) -> Any:
    """Make a jgo context that downloads into ``folder``; install jgo if it is missing."""
    jgo = packages.load("jgo", "node.txt", say)
    given = os.environ.get("TASKAPP_MAVEN_REPO")
    repositories = {"given": given.rstrip("/")} if given else None
    return jgo.maven.MavenContext(repo_cache=folder, remote_repos=repositories, timeout=_TIMEOUT)


def download(context: Any, jar: Jar) -> Path:
    """Download one jar, unchecked.

    :raise NodeError: names the jar and the reason.
    """
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    reason: Exception = RuntimeError()
    for _attempt in range(_ATTEMPTS):
        artifact = component.artifact(jar.classifier)
        # jgo would take what an interrupted attempt left for a complete file
        Path(artifact.cached_path).unlink(missing_ok=True)
        try:
            return Path(artifact.resolve())
        except Exception as error:  # requests' and jgo's, which share no base
            reason = error
    # requests' message is long; the cause is at its end
    raise NodeError(f"Cannot download {jar}: {str(reason).rpartition('(Caused by ')[2][:200]}") from reason
