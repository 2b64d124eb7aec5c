"""What each group of routes is for, in the order in which they are shown."""

from collections.abc import Mapping

# Those of the service as a whole come last; features register theirs.
_LAST = {
    "health": "For operators: liveness, readiness and metrics.",
    "documentation": "This document, the page that shows it, and the meaning of each problem code.",
    "welcome": "The root and the web page.",
}
_FIRST: dict[str, str] = {}


def register(tags: Mapping[str, str]) -> None:
    """Add the groups of a feature."""
    _FIRST.update(tags)


def tags() -> dict[str, str]:
    """Return the meaning of each group."""
    return {**_FIRST, **_LAST}
