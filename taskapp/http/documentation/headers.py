"""Headers in the OpenAPI document."""

from typing import Any

from taskapp.cassandra.driver.policies import CONSISTENCY_LEVELS
from taskapp.http.contract import Contract

_TAG = '(W/)?"[!#-+\\--~]*"'
_TAGS = {"type": "string", "pattern": rf"^(\*|{_TAG}( *, *{_TAG})*)$", "examples": ['"7"']}
_CONDITIONS = {
    "If-Match": "Do it only if the object is at this version: its `ETag`, or `*`.",
    "If-None-Match": "Answer 304 if the object is at this version: its `ETag`.",
}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **more}}


RESPONSE_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": _text("The object's version.", pattern='^"[1-9][0-9]*"$', examples=['"1"']),
    "Location": _text("Where the new object is.", format="uri-reference"),
    "Link": _text('`<…>; rel="next"`: the next page; absent on the last one.'),
    "Next-Cursor": _text("The `cursor` of the next page; absent on the last one."),
    "X-Request-ID": _text("The id of the request in the log."),
    "Server-Timing": _text("Milliseconds: in the database, and in all."),
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "Idempotency-Replayed": _text("The answer is the one that the first request with this key got.", enum=["true"]),
    "WWW-Authenticate": _text("How to say who asks.", examples=["Bearer"]),
    "RateLimit": _text("In token mode: how many requests are left, and the seconds until there are more.",
                       examples=['"writes";r=599;t=42']),
    "RateLimit-Policy": _text("In token mode: how many there may be in so many seconds.",
                              examples=['"writes";q=600;w=60']),
    "Allow": _text("The methods that the route takes."),
}


def references(*names: str) -> dict[str, Any]:
    """Refer to response headers; every answer also has a request id and a timing."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Request-ID", "Server-Timing")}


def parameters(method: str, contract: Contract) -> list[dict[str, Any]]:
    """Describe the request headers that a route reads."""
    found = [_condition(name, method) for name in contract.conditions]
    if contract.writes:
        found.append(_header("Idempotency-Key", "Names the request, so that it can be sent again and is done once.",
                             {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]*$",
                              "examples": ["b0a1c2d4-7d4e-4a64-9a8e-0f3a5b1c9d77"]}))
    if contract.reads_task:
        found.append(_header("Consistency-Level", "How many replicas must answer.",
                             {"type": "string", "enum": list(CONSISTENCY_LEVELS)}))
    found.append(_header("X-Request-ID", "An id for the log, of at most 64 letters, digits, `.`, `_` and `-`; "
                         "another is made in place of one that does not fit.", {"type": "string"}))
    return found


def reads_any(contract: Contract) -> bool:
    """Return whether a route reads a header that it may refuse."""
    return bool(contract.conditions or contract.writes or contract.reads_task)


def _condition(name: str, method: str) -> dict[str, Any]:
    if name == "If-None-Match" and method == "PUT":
        return _header(name, "Make the object under this id, unless the id is taken.",
                       {"type": "string", "enum": ["*"]})
    return _header(name, _CONDITIONS[name], _TAGS)


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": False, "description": description, "schema": schema}
