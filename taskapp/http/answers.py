"""Writing answers: JSON, entity tags, pages."""

from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from taskapp.kit import cursor, etag

JSON = "application/json"


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a JSON value."""
    return Response(orjson.dumps(value), status, headers, content_type=JSON)


def versioned(value: Any, version: int, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with an object that has a version: its ETag."""
    return json(value, status, {"ETag": etag.etag(version), **(headers or {})})


def not_modified(version: int) -> Response:
    """Answer that the client has the current version."""
    return Response(status=304, headers={"ETag": etag.etag(version)})


def page(items: list[Any], secret: bytes, binding: str, following: list[Any] | None) -> Response:
    """Answer with a page: an array, and where the next one begins in ``Link`` and ``Next-Cursor``.

    :param following: the position after the page; None on the last one
    """
    headers = {}
    if following is not None:
        token = cursor.seal(secret, binding, following)
        query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
        target = f"{request.script_root}{request.path}?{urlencode([*query, ('cursor', token)])}"
        headers = {"Link": f'<{target}>; rel="next"', "Next-Cursor": token}
    return json(items, headers=headers)
