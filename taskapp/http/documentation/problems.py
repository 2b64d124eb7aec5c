"""Problems in the OpenAPI document: which codes a route may answer, by status."""

from collections import defaultdict
from http import HTTPStatus
from typing import Any

from taskapp.http.contract import PUBLIC, Contract
from taskapp.http.documentation.headers import reads_any, references
from taskapp.kit.problem import KINDS, MEDIA_TYPE

# What any request may meet: before it is read, at the gate, in its query string, in the service.
EVERYWHERE = ("bad_request", "forbidden_host", "uri_too_long", "invalid", "headers_too_large", "internal_error",
              "unavailable")
_BODY = ("bad_json", "too_large", "unsupported_media_type")
_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}
_NULLABLE_TEXT = {"type": ["string", "null"]}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Leads to what the code means."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "enum": list(KINDS), "description": "Stable: what programs should look at."},
        "detail": {"type": "string", "description": "What is wrong, fit to show to a person."},
        "request_id": {**_NULLABLE_TEXT, "description": "Leads to the log."},
        "errors": {"type": "array", "description": "With 422: what is wrong, one by one.", "items": {
            "type": "object", "required": ["detail"], "properties": {
                "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                "parameter": {"type": "string", "description": "Name of a parameter."},
                "detail": {"type": "string"}}}},
        "current_version": {"type": "integer", "minimum": 1, "description": "With 412: the object's version."},
    },
}


def codes_of(contract: Contract, method: str, arguments: set[str]) -> dict[int, list[str]]:
    """List the codes that a route may answer, by status."""
    codes = [*EVERYWHERE, *contract.problems]
    if arguments:
        codes.append("not_found")
    if reads_any(contract):
        codes.append("bad_header")
    if contract.body or (contract.writes and method in ("POST", "PUT", "PATCH")):
        codes += _BODY
    if contract.streamed:
        codes.append("busy")
    if contract.scope != PUBLIC:
        codes += ["unauthorized", "insufficient_scope"]
    if contract.writes:
        codes += ["unauthorized", "rate_limited", "too_large", "idempotency_in_flight", "idempotency_mismatch"]
    found: dict[int, list[str]] = defaultdict(list)
    for code, kind in KINDS.items():
        if code in codes:
            found[kind.status].append(code)
    return found


def responses(contract: Contract, method: str, arguments: set[str]) -> dict[str, Any]:
    """Describe the problems of a route: those with one code are shared by all routes."""
    found: dict[str, Any] = {}
    for status, codes in codes_of(contract, method, arguments).items():
        shared = {"$ref": f"#/components/responses/{codes[0]}"}
        found[str(status)] = shared if len(codes) == 1 else _response(status, codes)
    return found


def shared_responses() -> dict[str, Any]:
    """Describe each problem by itself."""
    return {code: _response(kind.status, [code]) for code, kind in KINDS.items()}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    names = _HEADERS.get(status, ()) or (("Retry-After",) if "idempotency_in_flight" in codes else ())
    said = " ".join(f"`{code}`: {KINDS[code].meaning}" for code in codes)
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"},
                        {"properties": {"status": {"const": status}, "code": {"enum": codes}},
                         **({"required": ["errors"]} if status == 422 else {})}]}
    return {"description": f"{HTTPStatus(status).phrase}. {said}", "headers": references(*names),
            "content": {MEDIA_TYPE: {"schema": schema}}}
