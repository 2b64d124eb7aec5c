"""Building answers: JSON and entity tags."""

from typing import Any

import orjson
from flask import Response

from taskapp.http import headers as headers_
from taskapp.kit import etag

JSON = "application/json"


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a JSON value."""
    return Response(orjson.dumps(value), status, headers, content_type=JSON)


def versioned(value: Any, version: int, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with an object whose version is its ETag."""
    return json(value, status, {"ETag": etag.etag(version), **(headers or {})})


def unless_known(value: Any, version: int) -> Response:
    """Answer a GET with an object, or 304 if ``If-None-Match`` says that the client has this version."""
    tags = headers_.if_none_match()
    if tags and not etag.none_match(tags, version):
        return Response(status=304, headers={"ETag": etag.etag(version)})
    return versioned(value, version)
