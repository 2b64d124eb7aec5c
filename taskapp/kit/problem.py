"""The errors of the API: RFC 9457 problem details with a stable ``code``."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

# A response stays small, whatever was sent.
MAX_ERRORS, MAX_POINTER_LENGTH = 100, 256
MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """What one ``code`` means: its HTTP status, and a sentence for the documentation."""

    status: int
    meaning: str


# Those of the service as a whole; features register theirs.
KINDS: dict[str, Kind] = {
    "bad_json": Kind(400, "The body is not JSON, not UTF-8, or repeats a member."),
    "bad_header": Kind(400, "A request header has a value that cannot be used; `detail` names it."),
    "bad_request": Kind(400, "The request is not valid HTTP."),
    "unauthorized": Kind(401, "The token is missing, unknown, revoked or expired; or the e-mail address or "
                              "password is wrong."),
    "insufficient_scope": Kind(403, "The token is valid, but lacks the scope that `detail` names."),
    "forbidden_host": Kind(403, "In open mode, the service accepts only this machine's own names and pages."),
    "not_found": Kind(404, "There is no such resource, or the caller may not see it."),
    "method_not_allowed": Kind(405, "The route does not support the method; `Allow` lists those it does."),
    "request_timeout": Kind(408, "The request did not arrive in time."),
    "idempotency_in_flight": Kind(409, "The first request with this Idempotency-Key is still running; try again."),
    "version_conflict": Kind(412, "The object's version does not match `If-Match`; see `current_version`."),
    "already_exists": Kind(412, "`If-None-Match: *` was sent, and the object exists."),
    "too_large": Kind(413, "The body is larger than the limit that `detail` names."),
    "uri_too_long": Kind(414, "The request line is too long."),
    "unsupported_media_type": Kind(415, "The route does not accept the body's Content-Type."),
    "expectation_failed": Kind(417, "The service does not support what `Expect` asks for."),
    "invalid": Kind(422, "Some members or parameters are invalid; `errors` lists them."),
    "read_only": Kind(422, "Read-only members were sent with different values; `errors` lists them."),
    "bad_cursor": Kind(422, "The cursor does not belong to this query."),
    "idempotency_mismatch": Kind(422, "The Idempotency-Key was already used with a different request."),
    "rate_limited": Kind(429, "Too many requests; `Retry-After` says when to try again."),
    "headers_too_large": Kind(431, "The request's headers are too large."),
    "internal_error": Kind(500, "An internal error, logged under the `request_id`."),
    "not_implemented": Kind(501, "The service does not support the request's transfer coding."),
    "contention": Kind(503, "Too many concurrent changes to one object; nothing was stored. Try again."),
    "busy": Kind(503, "Too many concurrent logins or streamed responses; nothing was stored. Try again."),
    "unavailable": Kind(503, "The database is unavailable; nothing was stored. Try again."),
    "outcome_unknown": Kind(503, "It is unknown whether the change was stored. Try again with the same "
                                 "Idempotency-Key."),
}


def register(kinds: Mapping[str, Kind]) -> None:
    """Add the kinds of a feature."""
    KINDS.update(kinds)


class Problem(Exception):
    """An error as the caller sees it.

    :param code: a key of ``KINDS``
    :param detail: a sentence fit to show to a person; never CQL, a host or a stack trace
    :param errors: for 422, entries ``{"pointer" | "parameter": …, "detail": …}``
    :param headers: response headers, such as ``Retry-After``
    :param members: additional members of the body, such as ``current_version``
    """

    def __init__(self, code: str, detail: str, *, errors: list[dict[str, Any]] | None = None,
                 headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.errors = code, detail, errors
        self.headers = dict(headers or {})
        self.members = members

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return KINDS[self.code].status

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """Render the members of the problem's JSON object."""
        return {
            "type": problem_type(self.code),
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
            **({"errors": self.errors or []} if self.status == 422 else {}),
            **self.members,
        }


def problem_type(code: str) -> str:
    """Return the URI reference of a problem type."""
    return "/problems/" + code.replace("_", "-")


def member_error(pointer: str, detail: str) -> dict[str, Any]:
    """Describe what is wrong with one member of the body; ``pointer`` is a JSON Pointer (RFC 6901)."""
    return {"pointer": pointer[:MAX_POINTER_LENGTH], "detail": detail}


def parameter_error(parameter: str, detail: str) -> dict[str, Any]:
    """Describe what is wrong with one parameter of the query string."""
    return {"parameter": parameter[:MAX_POINTER_LENGTH], "detail": detail}


def invalid(errors: list[dict[str, Any]], code: str = "invalid") -> Problem:
    """Build the 422 whose detail sums up its errors, of which it lists at most a hundred."""
    errors = errors[:MAX_ERRORS]
    named = [f"{error.get('pointer') or error.get('parameter') or 'body'}: {error['detail']}" for error in errors[:3]]
    more = f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""
    return Problem(code, " ".join(named) + more, errors=errors)


def mismatch() -> Problem:
    """Build the 422 for an Idempotency-Key that was already used with a different request."""
    detail = "This Idempotency-Key was already used with a different request."
    return Problem("idempotency_mismatch", detail, errors=[parameter_error("Idempotency-Key", detail)])


def in_flight() -> Problem:
    """Build the 409 for an Idempotency-Key whose first request is still running."""
    return Problem("idempotency_in_flight", "The first request with this Idempotency-Key is still running.",
                   headers={"Retry-After": "1"})
