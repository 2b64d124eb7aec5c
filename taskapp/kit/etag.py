"""Entity tags made from versions: ``"7"``, strong (RFC 9110, 8.8.3 and 13.1)."""

import re

from taskapp.kit.problem import Problem

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A list may have empty elements (RFC 9110, 5.6.1.2), and a tag may contain commas.
_LIST = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
ANY = frozenset("*")


def etag(version: int) -> str:
    """Format a version as a strong entity tag."""
    return f'"{version}"'


def parse(header: str, value: str | None) -> frozenset[str] | None:
    """Parse ``If-Match`` or ``If-None-Match``: the tags as they were sent, ``ANY``, or None if there is no header.

    :raise Problem: ``bad_header``
    """
    if value is None:
        return None
    if value.strip() == "*":
        return ANY
    if not _LIST.fullmatch(value):
        raise Problem("bad_header", f'{header} must be "*" or entity tags in double quotes, such as "7".')
    return frozenset(re.findall(_TAG, value))


def matches(tags: frozenset[str], version: int) -> bool:
    """Return whether ``If-Match`` holds for an object at this version (strong comparison)."""
    return tags == ANY or etag(version) in tags


def check(tags: frozenset[str] | None, version: int, what: str) -> None:
    """Check that ``If-Match``, if it was sent, holds for an object at this version.

    :param what: what the object is, in a word
    :raise Problem: ``version_conflict``
    """
    if tags is not None and not matches(tags, version):
        sent = ", ".join(tag.strip('"') if tag.startswith('"') else tag for tag in sorted(tags))
        raise Problem("version_conflict", f"The {what} is at version {version}, not {sent}.", current_version=version)


def none_match(tags: frozenset[str], version: int) -> bool:
    """Return whether ``If-None-Match`` on a GET holds, so that a body must be sent (weak comparison)."""
    return not (matches(tags, version) or f"W/{etag(version)}" in tags)
