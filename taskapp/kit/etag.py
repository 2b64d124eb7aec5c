"""Entity tags that are versions: ``"7"``, strong (RFC 9110, 8.8.3 and 13.1)."""

import re

from taskapp.kit.problem import Problem

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag(version: int) -> str:
    """Write a version as a strong entity tag."""
    return f'"{version}"'


def parse(header: str, value: str | None) -> frozenset[str] | None:
    """Read ``If-Match`` or ``If-None-Match``: the tags in it, ``{"*"}``, or None when it was not sent.

    A weak tag keeps its ``W/``, so that it never matches strongly.

    :raise Problem: ``bad_header``
    """
    if value is None:
        return None
    if value.strip() == "*":
        return frozenset("*")
    tags = [_TAG.fullmatch(part.strip()) for part in value.split(",")]
    if not all(tags):
        raise Problem("bad_header", f'{header} must be "*" or entity tags in double quotes, such as "7".')
    return frozenset((match[1] or "") + match[2] for match in tags if match)


def matches(tags: frozenset[str], version: int) -> bool:
    """Tell whether ``If-Match`` holds for an object at this version (strong comparison)."""
    return "*" in tags or str(version) in tags


def none_match(tags: frozenset[str], version: int) -> bool:
    """Tell whether ``If-None-Match`` on a GET holds, so that a body is due (weak comparison)."""
    return not ("*" in tags or str(version) in tags or f"W/{version}" in tags)
