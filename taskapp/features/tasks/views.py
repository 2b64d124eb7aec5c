"""The task routes."""

import uuid
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, g, request, url_for

from taskapp.features.tasks import page_queries
from taskapp.features.tasks.asked import Asked
from taskapp.features.tasks.models import Change, Task
from taskapp.features.tasks.parameters import ListParameters, RemovalParameters
from taskapp.features.tasks.policies import READ, WRITE
from taskapp.features.tasks.schemas import (
    ChangeSchema,
    Message,
    TaskCreate,
    TaskPatch,
    TaskReplace,
    TaskSchema,
    TrashedTaskSchema,
)
from taskapp.features.tasks.service import TaskService
from taskapp.features.tasks.walks import Walk
from taskapp.http import answers, body, headers
from taskapp.http.contract import promises
from taskapp.http.idempotency import idempotent
from taskapp.http.paging import Page
from taskapp.kit import etag
from taskapp.kit.dump import compile_dump
from taskapp.kit.fields import parse_id
from taskapp.kit.parameters import PageParameters
from taskapp.kit.problem import Problem, invalid, parameter_error
from taskapp.writepath.truth import NEWEST

bp = Blueprint("tasks", __name__)
MERGE_PATCH = "application/merge-patch+json"
MISSING = ("not_found",)
UNKNOWN = ("outcome_unknown",)
CHANGED = (*MISSING, "version_conflict", "contention", *UNKNOWN)

_dump, _dump_trashed = compile_dump(TaskSchema()), compile_dump(TrashedTaskSchema())
_dump_listed = compile_dump(TaskSchema(), as_text=page_queries.AS_TEXT)
_dump_listed_trashed = compile_dump(TrashedTaskSchema(), as_text=page_queries.AS_TEXT)
_dump_change = compile_dump(ChangeSchema())


def service() -> TaskService:
    """Return this application's task service."""
    found: TaskService = current_app.extensions["tasks"]
    return found


@bp.post("/")
@promises(summary="Create a task", scope=WRITE, tag="tasks", body=TaskCreate(), answers={201: TaskSchema()},
          problems=(*MISSING, *UNKNOWN, "read_only"), writes=True)
@idempotent
def create() -> Response:
    """Create a task, in the caller's inbox unless `project_id` says otherwise."""
    task = service().create(g.caller, g.operation, body.read_json())
    return _made(task)


@bp.get("/")
@promises(summary="List tasks", scope=READ, tag="tasks", parameters=ListParameters(),
          answers={200: [TaskSchema(), TrashedTaskSchema()]}, problems=(*MISSING, "bad_cursor"), paged=True,
          reads_task=True)
def list_() -> Response:
    """List the tasks of a project, by default of all that the caller is in, a page at a time.

    A filter that few tasks meet may give a short page, or an empty one, with a next one: go on until there is none.
    """
    sent, level = g.parameters, headers.consistency()
    asked = Asked.of(sent)
    if sent["ids"] is not None:
        return _chosen(asked, sent["ids"], level)
    page = Page("walk", asked)
    walk = Walk.unpacked(page.after) if page.after else None
    rows, end = service().page(g.caller, asked, walk, page.limit, level)
    dump = _dump_listed_trashed if asked.trashed else _dump_listed
    return page.answer([dump(row) for row in rows], end.packed() if end else None)


def _chosen(asked: Asked, ids: list[uuid.UUID], level: int | None) -> Response:
    if together := [name for name in ("cursor", "limit", "sort") if name in request.args]:
        raise invalid([parameter_error(name, "Cannot be combined with ids, which lists one page in the order given.")
                       for name in together])
    tasks = service().chosen(g.caller, asked, ids, level)
    dump = _dump_trashed if asked.trashed else _dump
    return answers.json([dump(task) for task in tasks])


@bp.get("/<task_id>")
@promises(summary="Get a task", scope=READ, tag="tasks", answers={200: TaskSchema(), 304: "Not modified."},
          problems=MISSING, conditions=("If-None-Match",), reads_task=True)
def get(task_id: str) -> Response:
    """Get a live task."""
    task = service().get(g.caller, _id(task_id), headers.consistency())
    return answers.unless_known(_dump(task), task.version)


@bp.put("/<task_id>")
@promises(summary="Replace a task, or create one with an id of your own", scope=WRITE, tag="tasks", body=TaskReplace(),
          answers={200: TaskSchema(), 201: TaskSchema()}, writes=True, conditions=("If-Match", "If-None-Match"),
          problems=(*CHANGED, "already_exists", "in_trash", "removed", "read_only"))
@idempotent
def replace(task_id: str) -> Response:
    """Replace title, description, status and due date, and any other members that are sent.

    With `If-None-Match: *`, create the task under this id unless the id is taken.
    """
    sent, tags = body.read_json(), headers.if_none_match()
    if tags is None:
        return _versioned(service().replace(g.caller, g.operation, _id(task_id), headers.if_match(), sent))
    if tags != etag.ANY or headers.if_match() is not None:
        raise Problem("bad_header", "If-None-Match on PUT must be *, without If-Match.")
    return _made(service().create_once(g.caller, g.operation, _id(task_id), sent))


@bp.patch("/<task_id>")
@promises(summary="Change a task", scope=WRITE, tag="tasks", body=TaskPatch(), writes=True,
          body_types=("application/json", MERGE_PATCH), answers={200: TaskSchema()}, conditions=("If-Match",),
          problems=(*CHANGED, "read_only"))
@idempotent
def patch(task_id: str) -> Response:
    """Change the members that are sent (JSON Merge Patch); sets also accept `{"add": [], "remove": []}`."""
    sent = body.read_json()
    return _versioned(service().patch(g.caller, g.operation, _id(task_id), headers.if_match(), sent))


@bp.delete("/<task_id>")
@promises(summary="Delete a task", scope=WRITE, tag="tasks", parameters=RemovalParameters(), writes=True,
          answers={200: Message()}, conditions=("If-Match",), problems=CHANGED)
@idempotent
def delete(task_id: str) -> Response:
    """Move a task to the trash, or permanently remove it."""
    act = service().remove if g.parameters["permanent"] else service().trash
    act(g.caller, g.operation, _id(task_id), headers.if_match())
    return answers.json({"message": "Task deleted successfully"})


@bp.post("/<task_id>/restore")
@promises(summary="Restore a task from the trash", scope=WRITE, tag="tasks", answers={200: TaskSchema()}, writes=True,
          conditions=("If-Match",), problems=(*CHANGED, "not_in_trash"))
@idempotent
def restore(task_id: str) -> Response:
    """Take a task out of the trash."""
    body.read_nothing()
    return _versioned(service().restore(g.caller, g.operation, _id(task_id), headers.if_match()))


@bp.post("/<task_id>/undo")
@promises(summary="Undo the last change", scope=WRITE, tag="tasks", answers={200: TaskSchema()}, writes=True,
          conditions=("If-Match",), problems=(*CHANGED, "nothing_to_undo"))
@idempotent
def undo(task_id: str) -> Response:
    """Undo the last change of a task, as a new version.

    Undoing its creation or a restore moves the task to the trash.
    """
    body.read_nothing()
    return _versioned(service().undo(g.caller, g.operation, _id(task_id), headers.if_match()))


@bp.get("/<task_id>/history")
@promises(summary="List a task's changes", scope=READ, tag="tasks", parameters=PageParameters(),
          answers={200: [ChangeSchema()]}, problems=(*MISSING, "bad_cursor"), paged=True, reads_task=True)
def history(task_id: str) -> Response:
    """List the changes of a task, newest first."""
    id_ = _id(task_id)
    page = Page(id_, "history")
    before = page.after[0] if page.after else NEWEST
    found = service().history(g.caller, id_, before, page.one_more, headers.consistency())
    return page.of(found, _change, lambda change: change.version)


def _change(change: Change) -> dict[str, Any]:
    # The diff is stored as it is shown.
    return {**_dump_change(change), "diff": orjson.Fragment(change.diff)}


def _versioned(task: Task) -> Response:
    return answers.versioned(_dump(task), task.version)


def _made(task: Task) -> Response:
    place = {"Location": url_for("tasks.get", task_id=task.task_id)}
    return answers.versioned(_dump(task), task.version, 201, place)


def _id(text: str) -> uuid.UUID:
    found = parse_id(text)
    if found is None:
        raise Problem("not_found", "Task not found")
    return found
