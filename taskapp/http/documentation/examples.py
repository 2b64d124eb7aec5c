"""Examples: a realistic one for each object of the document, valid against its schema."""

from collections.abc import Mapping
from typing import Any

from taskapp.kit.problem import Problem, invalid, member_error

# What examples have in common.
TASK_ID, USER_ID = "8ed7af02-5d68-4d54-a8fe-3646c2067af7", "5b0c9c0e-6c1f-4b7e-9a52-2f1d6a0e4c11"
PROJECT_ID, CHANGE_ID = "0f9d4f5e-3c1b-4b2a-9d57-6a8f1c2e7b33", "f2a4c6de-c8f1-11f1-8a4b-0242ac120002"
REQUEST_ID = "613db744635a45aa81a66eb504ffa593"
MADE, CHANGED = "2026-11-21T06:47:00.123Z", "2026-11-22T09:00:00.000Z"
PASSWORD = "correct horse battery staple"
# By component name; features register theirs. For a schema without an example, tools build one from its members.
EXAMPLES: dict[str, dict[str, Any]] = {}
_PROBLEMS = {problem.status: problem for problem in (
    Problem("bad_json", "The body is not JSON."),
    Problem("unauthorized", "The token is unknown, revoked or expired."),
    Problem("insufficient_scope", "The token lacks the scope tasks:write."),
    Problem("not_found", "Task not found"),
    Problem("idempotency_in_flight", "The first request with this Idempotency-Key is still running."),
    Problem("version_conflict", "The task is at version 7, not 5.", current_version=7),
    Problem("too_large", "The body is larger than 1048576 bytes."),
    Problem("uri_too_long", "The request line is too long."),
    Problem("unsupported_media_type", "Send application/json, in UTF-8, without Content-Encoding."),
    invalid([member_error("/due_date", "Not a valid datetime.")]),
    Problem("rate_limited", "Too many requests: at most 600 in 60 s (writes)."),
    Problem("headers_too_large", "The request's headers are too large."),
    Problem("internal_error", "Internal error; the log has the details under this request_id."),
    Problem("unavailable", "The database cannot be reached now; nothing was stored. Try again."),
)}


def register(examples: Mapping[str, dict[str, Any]]) -> None:
    """Add the examples of a feature."""
    EXAMPLES.update(examples)


def problem(status: int) -> dict[str, Any]:
    """Return the example for the media type of a status's problems, if there is one."""
    found = _PROBLEMS.get(status)
    return {"example": found.body(REQUEST_ID)} if found else {}
