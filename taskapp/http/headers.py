"""Reading request headers that change what a route does."""

from functools import cache

from flask import request

from taskapp.cassandra.driver.policies import CONSISTENCY_LEVELS
from taskapp.kit import etag
from taskapp.kit.problem import Problem


def sent(name: str) -> str | None:
    """Read a header; None if it was not sent.

    werkzeug's own look-up raises an exception for every absent header, and most are absent.
    """
    found: str | None = request.environ.get(_key(name))
    return found


@cache
def _key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def if_match() -> frozenset[str] | None:
    """Read ``If-Match``."""
    return etag.parse("If-Match", sent("If-Match"))


def if_none_match() -> frozenset[str] | None:
    """Read ``If-None-Match``."""
    return etag.parse("If-None-Match", sent("If-None-Match"))


def consistency() -> int | None:
    """Read ``Consistency-Level`` as the driver's number; None if it was not sent.

    :raise Problem: ``bad_header``
    """
    level = sent("Consistency-Level")
    if level is None:
        return None
    if level not in CONSISTENCY_LEVELS:
        raise Problem("bad_header", f"Consistency-Level must be one of {', '.join(CONSISTENCY_LEVELS)}.")
    return CONSISTENCY_LEVELS[level]
