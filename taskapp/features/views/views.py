"""The routes of saved views."""

import uuid

from flask import Blueprint, Response, current_app, g, url_for

from taskapp.features.views import policies
from taskapp.features.views.models import View
from taskapp.features.views.schemas import ViewCreate, ViewPatch, ViewSchema
from taskapp.features.views.service import ViewService
from taskapp.http import answers, body, headers
from taskapp.http.contract import promises
from taskapp.http.idempotency import idempotent
from taskapp.http.paging import Page
from taskapp.kit.dump import compile_dump
from taskapp.kit.fields import parse_id
from taskapp.kit.parameters import PageParameters

bp = Blueprint("views", __name__)
MISSING = ("not_found",)
SHARED = ("insufficient_role", "project_archived", "contention", "outcome_unknown")
CHANGED = (*MISSING, *SHARED, "version_conflict")

_dump = compile_dump(ViewSchema())


def service() -> ViewService:
    """Return this application's view service."""
    found: ViewService = current_app.extensions["views"]
    return found


@bp.post("/")
@promises(summary="Save a view", scope=policies.WRITE, tag="views", body=ViewCreate(), answers={201: ViewSchema()},
          problems=(*MISSING, *SHARED, "quota_exceeded"), writes=True)
@idempotent
def create() -> Response:
    """Save a filter and a sort order under a name, for oneself or for the members of a project."""
    made = service().create(g.caller, g.operation, body.read_json())
    return answers.versioned(_dump(made), made.version, 201, {"Location": url_for("views.get", view_id=made.view_id)})


@bp.get("/")
@promises(summary="List saved views", scope=policies.READ, tag="views", parameters=PageParameters(),
          answers={200: [ViewSchema()]}, problems=("bad_cursor",), paged=True, reads_task=True)
def list_() -> Response:
    """List the caller's own views and those of the projects that they are in, in no meaningful order."""
    page = Page("views")
    after = uuid.UUID(hex=page.after[0]) if page.after else None
    found = service().page(g.caller, after, page.one_more, headers.consistency())
    return page.of(found, _dump, lambda view: view.view_id.hex)


@bp.get("/<view_id>")
@promises(summary="Get a saved view", scope=policies.READ, tag="views", problems=MISSING, reads_task=True,
          answers={200: ViewSchema(), 304: "Not modified."}, conditions=("If-None-Match",))
def get(view_id: str) -> Response:
    """Get a saved view."""
    view = service().get(g.caller, _id(view_id), headers.consistency())
    return answers.unless_known(_dump(view), view.version)


@bp.patch("/<view_id>")
@promises(summary="Change a saved view", scope=policies.WRITE, tag="views", body=ViewPatch(), writes=True,
          body_types=("application/json", "application/merge-patch+json"), answers={200: ViewSchema()},
          conditions=("If-Match",), problems=(*CHANGED, "quota_exceeded", "read_only"))
@idempotent
def patch(view_id: str) -> Response:
    """Change the members that are sent (JSON Merge Patch)."""
    return _versioned(service().patch(g.caller, g.operation, _id(view_id), headers.if_match(), body.read_json()))


@bp.delete("/<view_id>")
@promises(summary="Delete a saved view", scope=policies.WRITE, tag="views", answers={204: "It is gone."}, writes=True,
          conditions=("If-Match",), problems=CHANGED)
@idempotent
def delete(view_id: str) -> Response:
    """Delete a saved view, and no task."""
    service().delete(g.caller, g.operation, _id(view_id), headers.if_match())
    return Response(status=204)


def _versioned(view: View) -> Response:
    return answers.versioned(_dump(view), view.version)


def _id(text: str) -> uuid.UUID:
    found = parse_id(text)
    if found is None:
        raise policies.missing()
    return found
