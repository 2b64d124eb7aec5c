"""The Java package registry, through the library jgo: nothing here knows an address.

jgo's own checksum test only warns, so a caller must check what it gets.
"""

import os
from pathlib import Path
from typing import Any

from taskapp.localnode import packages
from taskapp.localnode.catalog import Jar
from taskapp.localnode.errors import NodeError
from taskapp.localnode.progress import Say

# Seconds without a byte after which a download is tried again.
_TIMEOUT = 30
_ATTEMPTS = 3


def open_registry(folder: Path, say: Say) -> Any:
    """Make jgo's context that downloads into ``folder``; jgo is installed when it is missing."""
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
        # jgo takes what an interrupted attempt left for a whole file
        Path(artifact.cached_path).unlink(missing_ok=True)
        try:
            return Path(artifact.resolve())
        except Exception as error:  # requests' and jgo's, which share no base
            reason = error
    # what requests says is long; the cause is at its end
    raise NodeError(f"Cannot download {jar}: {str(reason).rpartition('(Caused by ')[2][:200]}") from reason
