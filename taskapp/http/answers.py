"""Building answers: JSON and entity tags."""

from typing import Any

import orjson
from flask import Response

from taskapp.kit import etag

JSON = "application/json"


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a JSON value."""
    return Response(orjson.dumps(value), status, headers, content_type=JSON)


def versioned(value: Any, version: int, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with an object whose version is its ETag."""
    return json(value, status, {"ETag": etag.etag(version), **(headers or {})})


def not_modified(version: int) -> Response:
    """Answer 304: the client has the current version."""
    return Response(status=304, headers={"ETag": etag.etag(version)})
