"""Examples: a realistic one for each object of the document, valid against its schema."""

from typing import Any

from taskapp.kit.problem import Problem, invalid, member_error

_TASK_ID, _USER_ID = "8ed7af02-5d68-4d54-a8fe-3646c2067af7", "5b0c9c0e-6c1f-4b7e-9a52-2f1d6a0e4c11"
_TOKEN_ID, _CHANGE_ID = "c7d1b7a4-0f5a-4a0e-8a55-9d1f5a3c2b10", "f2a4c6de-c8f1-11f1-8a4b-0242ac120002"
_REQUEST_ID = "613db744635a45aa81a66eb504ffa593"
_MADE = "2026-11-21T06:47:00.123Z"
_NEW_TASK = {"title": "Complete project", "description": "Finish the API implementation",
             "due_date": "2027-01-15T12:00:00Z", "labels": ["ops"]}
_TASK = {
    "task_id": _TASK_ID, "project_id": _USER_ID, "title": "Complete project",
    "description": "Finish the API implementation", "status": "pending", "priority": 0,
    "due_date": "2027-01-15T12:00:00.000Z", "labels": ["ops"], "assignees": [], "parent_id": None, "metadata": {},
    "created_by": _USER_ID, "created_at": _MADE, "updated_at": _MADE, "completed_at": None, "expires_at": None,
    "version": 1}
_PASSWORD = "correct horse battery staple"
_USER = {"id": _USER_ID, "name": "Ann", "email": "ann@example.com", "age": 34, "tags": ["ops"], "metadata": {},
         "created_at": _MADE}
_TOKEN = {"token_id": _TOKEN_ID, "name": "calendar", "scopes": ["tasks:read"], "created_at": _MADE,
          "expires_at": "2026-12-21T06:47:00.123Z", "last_used_at": None, "last_used_from": None}
_ANIMAL = {"genus": "Vanessa", "species": "cardui", "image_url": "https://imgur.com/WrPsKkD", "size_cm": 5.5,
           "sightings": 12, "taxonomy": ["Arthropoda", "Insecta", "Lepidoptera", "Nymphalidae"]}
# By component name. For a schema without an example, tools build one from its members.
EXAMPLES: dict[str, dict[str, Any]] = {
    "TaskCreate": _NEW_TASK,
    "TaskReplace": {**_NEW_TASK, "status": "completed"},
    "TaskPatch": {"status": "completed", "labels": {"add": ["urgent"], "remove": ["ops"]}},
    "Task": _TASK,
    "TrashedTask": {**_TASK, "version": 2, "updated_at": "2026-11-22T09:00:00.000Z",
                    "deleted_at": "2026-11-22T09:00:00.000Z"},
    "Change": {"change_id": _CHANGE_ID, "task_id": _TASK_ID, "version": 2, "at": "2026-11-22T09:00:00.000Z",
               "actor": _USER_ID, "kind": "updated", "diff": {"status": ["pending", "completed"]}},
    "Message": {"message": "Task deleted successfully"},
    "UserCreate": {"name": "Ann", "email": "ann@example.com", "password": _PASSWORD},
    "UserPatch": {"age": 35, "tags": {"add": ["on call"]}},
    "User": _USER,
    "Event": {"event_id": _CHANGE_ID, "at": "2026-11-22T09:00:00.000Z", "kind": "updated", "task_id": _TASK_ID,
              "version": 2},
    "TokenCreate": {"email": "ann@example.com", "password": _PASSWORD},
    "Token": _TOKEN,
    "NewToken": {**_TOKEN, "token": "taskapp_q0sVwq5y4b2l1cJ3n8rK7dT6hXfGzYpA9mEuLoWiB_k"},
    "AnimalCreate": _ANIMAL,
    "Animal": _ANIMAL,
    "Plant": {"genus": "Plantago", "species": "major", "sightings": 3},
}
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


def problem(status: int) -> dict[str, Any]:
    """Return the example for the media type of a status's problems, if there is one."""
    found = _PROBLEMS.get(status)
    return {"example": found.body(_REQUEST_ID)} if found else {}
