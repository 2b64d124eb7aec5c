"""Reading request headers that change what a route does."""

from flask import request

from taskapp.cassandra.policies import CONSISTENCY_LEVELS
from taskapp.kit import etag
from taskapp.kit.problem import Problem


def if_match() -> frozenset[str] | None:
    """Read ``If-Match``."""
    return etag.parse("If-Match", request.headers.get("If-Match"))


def if_none_match() -> frozenset[str] | None:
    """Read ``If-None-Match``."""
    return etag.parse("If-None-Match", request.headers.get("If-None-Match"))


def consistency() -> int | None:
    """Read ``Consistency-Level`` as the driver's number; None when it was not sent.

    :raise Problem: ``bad_header``
    """
    sent = request.headers.get("Consistency-Level")
    if sent is None:
        return None
    if sent not in CONSISTENCY_LEVELS:
        raise Problem("bad_header", f"Consistency-Level must be one of {', '.join(CONSISTENCY_LEVELS)}.")
    return CONSISTENCY_LEVELS[sent]
