"""Problems in the OpenAPI document: the codes that a route may answer with, by status."""

from collections import defaultdict
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from taskapp.http.contract import PUBLIC, Contract
from taskapp.http.documentation import examples
from taskapp.http.documentation.headers import reads_any, references
from taskapp.kit.problem import KINDS, MEDIA_TYPE

# What any request may run into: before it is read, at the gate, in its query string, in the service.
EVERYWHERE = ("bad_request", "forbidden_host", "uri_too_long", "invalid", "headers_too_large", "internal_error",
              "unavailable")
_BODY = ("bad_json", "too_large", "unsupported_media_type")
_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 409: ("Retry-After",), 429: ("Retry-After",),
            503: ("Retry-After",)}
_SCHEMA = {412: "VersionProblem", 422: "InvalidProblem"}


def _extended(description: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "allOf": [{"$ref": "#/components/schemas/Problem"}, {
        "type": "object", "required": [name], "properties": {name: schema}}]}


def schemas() -> dict[str, dict[str, Any]]:
    """Describe the bodies of problems."""
    return {
        "Problem": {
            "type": "object",
            "description": "An error (RFC 9457).",
            "required": ["type", "title", "status", "code", "detail", "request_id"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference", "description": "Leads to what the code means."},
                "title": {"type": "string", "description": "The status in words."},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "code": {"type": "string", "enum": list(KINDS), "description": "Stable: what programs should look at."},
                "detail": {"type": "string", "description": "What is wrong, fit to show to a person."},
                "request_id": {"type": ["string", "null"], "description": "Leads to the log."},
            }},
        "InvalidProblem": _extended("A 422: what is wrong, one by one.", "errors", {
            "type": "array", "items": {"$ref": "#/components/schemas/InvalidMember"}}),
        "InvalidMember": {
            "type": "object",
            "description": "A member of the body, or a parameter, that is wrong.",
            "required": ["detail"],
            "properties": {
                "pointer": {"type": "string", "description": "JSON Pointer into the body."},
                "parameter": {"type": "string", "description": "Name of a parameter."},
                "detail": {"type": "string", "description": "What is wrong with it."},
            }},
        "VersionProblem": _extended("A 412: a condition does not hold.", "current_version", {
            "type": "integer", "minimum": 1, "description": "The object's version."}),
    }


def _by_status(codes: Collection[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for code, kind in KINDS.items():
        if code in codes:
            found[kind.status].append(code)
    return found


def codes_of(contract: Contract, method: str, arguments: set[str]) -> dict[int, list[str]]:
    """List the codes that a route may answer with, by status."""
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
    return _by_status(codes)


def responses(contract: Contract, method: str, arguments: set[str]) -> dict[str, Any]:
    """Refer to a route's problems, by status; if it has only some of a status's codes, the description lists them."""
    everything = _by_status(KINDS)
    return {str(status): {"$ref": f"#/components/responses/{name_of(status)}",
                          **({} if codes == everything[status] else {"description": _said(status, codes)})}
            for status, codes in codes_of(contract, method, arguments).items()}


def shared_responses() -> dict[str, Any]:
    """Describe the problems of each status."""
    return {name_of(status): {
        "description": _said(status, codes), "headers": references(*_HEADERS.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{_SCHEMA.get(status, 'Problem')}"},
                                 **examples.problem(status)}}}
        for status, codes in _by_status(KINDS).items()}


def name_of(status: int) -> str:
    """Name the component of a status by number: its phrase differs between Python versions."""
    return f"Problem{status}"


def _said(status: int, codes: list[str]) -> str:
    said = f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}."
    return said if len(codes) > 1 else f"{said} {KINDS[codes[0]].meaning}"
