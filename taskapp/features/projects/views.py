"""The routes of projects."""

import uuid
from datetime import timedelta

from flask import Blueprint, Response, current_app, g, url_for

from taskapp.features.projects import policies
from taskapp.features.projects.members import Member, MemberService
from taskapp.features.projects.models import ProjectByUser
from taskapp.features.projects.parameters import ProjectsParameters
from taskapp.features.projects.schemas import (
    MemberInvite,
    MemberPut,
    MemberSchema,
    ProjectCreate,
    ProjectPatch,
    ProjectSchema,
    TrashedProjectSchema,
)
from taskapp.features.projects.service import Place, ProjectService, place
from taskapp.http import answers, body, headers, paths
from taskapp.http.contract import promises
from taskapp.http.idempotency import idempotent
from taskapp.http.paging import Page
from taskapp.kit import clock
from taskapp.kit.dump import compile_dump
from taskapp.kit.fields import parse_id
from taskapp.kit.parameters import PageParameters

bp = Blueprint("projects", __name__)
MISSING = ("not_found",)
CHANGED = (*MISSING, "insufficient_role", "inbox", "version_conflict", "contention", "outcome_unknown")
MEMBER_CHANGED = (*MISSING, "insufficient_role", "inbox", "last_admin", "contention", "outcome_unknown")
MERGE_PATCH = "application/merge-patch+json"

_dump, _dump_trashed = compile_dump(ProjectSchema()), compile_dump(TrashedProjectSchema())
_dump_member = compile_dump(MemberSchema())


def service() -> ProjectService:
    """Return this application's project service."""
    found: ProjectService = current_app.extensions["projects"]
    return found


def members() -> MemberService:
    """Return this application's member service."""
    found: MemberService = current_app.extensions["members"]
    return found


@bp.post("/")
@promises(summary="Create a project", scope=policies.ADMINISTER, tag="projects", body=ProjectCreate(), writes=True,
          answers={201: ProjectSchema()}, problems=("quota_exceeded", "contention", "outcome_unknown"))
@idempotent
def create() -> Response:
    """Create a project; the caller becomes its admin."""
    made = service().create(g.caller, g.operation, body.read_json())
    there = {"Location": url_for("projects.get", project_id=made.project_id)}
    return answers.versioned(_dump(made), made.version, 201, there)


@bp.get("/")
@promises(summary="List one's projects", scope=policies.READ, tag="projects", parameters=ProjectsParameters(),
          answers={200: [ProjectSchema(), TrashedProjectSchema()]}, problems=("bad_cursor",), paged=True,
          reads_task=True)
def list_() -> Response:
    """List the projects that the caller is in: the inbox, then the others, oldest first."""
    trashed, archived = g.parameters["trash"], g.parameters["archived"]
    page = Page("projects", trashed, archived)
    found = service().page(g.caller, _unpacked(page.after), page.one_more, trashed=trashed, archived=archived,
                           consistency=headers.consistency())
    rows = found[:page.limit]
    dump = _dump_trashed if trashed else _dump
    return page.answer([dump(row) for row in rows], _packed(rows[-1]) if len(found) > page.limit else None)


@bp.get("/<project_id>")
@promises(summary="Get a project", scope=policies.READ, tag="projects", problems=MISSING, reads_task=True,
          answers={200: ProjectSchema(), 304: "Not modified."}, conditions=("If-None-Match",))
def get(project_id: str) -> Response:
    """Get a live project."""
    project = service().get(g.caller, _id(project_id), headers.consistency())
    return answers.unless_known(_dump(project), project.version)


@bp.patch("/<project_id>")
@promises(summary="Change a project", scope=policies.ADMINISTER, tag="projects", body=ProjectPatch(), writes=True,
          body_types=("application/json", MERGE_PATCH), answers={200: ProjectSchema()}, conditions=("If-Match",),
          problems=(*CHANGED, "read_only"))
@idempotent
def patch(project_id: str) -> Response:
    """Rename, describe, color or archive a project, by the members that are sent (JSON Merge Patch)."""
    sent = body.read_json()
    return _versioned(service().patch(g.caller, g.operation, _id(project_id), headers.if_match(), sent))


@bp.delete("/<project_id>")
@promises(summary="Delete a project", scope=policies.ADMINISTER, tag="projects", answers={204: "It is in the trash."},
          conditions=("If-Match",), problems=CHANGED, writes=True)
@idempotent
def delete(project_id: str) -> Response:
    """Move a project to the trash, and with it its tasks."""
    service().trash(g.caller, g.operation, _id(project_id), headers.if_match())
    return Response(status=204)


@bp.post("/<project_id>/restore")
@promises(summary="Restore a project from the trash", scope=policies.ADMINISTER, tag="projects", writes=True,
          answers={200: ProjectSchema()}, conditions=("If-Match",), problems=(*CHANGED, "project_not_in_trash"))
@idempotent
def restore(project_id: str) -> Response:
    """Take a project out of the trash, and with it its tasks, except those that had been deleted before."""
    body.read_nothing()
    return _versioned(service().restore(g.caller, g.operation, _id(project_id), headers.if_match()))


@bp.get("/<project_id>/members/")
@promises(summary="List a project's members", scope=policies.READ, tag="projects", parameters=PageParameters(),
          answers={200: [MemberSchema()]}, problems=(*MISSING, "bad_cursor"), paged=True, reads_task=True)
def list_members(project_id: str) -> Response:
    """List the members of a project, in no meaningful order."""
    id_ = _id(project_id)
    page = Page(id_, "members")
    after = uuid.UUID(hex=page.after[0]) if page.after else None
    found = members().page(g.caller, id_, after, page.one_more, headers.consistency())
    return page.of(found, _dump_member, lambda member: member.user_id.hex)


@bp.post("/<project_id>/members/")
@promises(summary="Add a member by e-mail address", scope=policies.ADMINISTER, tag="projects", body=MemberInvite(),
          answers={200: MemberSchema(), 201: MemberSchema()}, problems=(*MEMBER_CHANGED, "quota_exceeded"), writes=True)
@idempotent
def invite(project_id: str) -> Response:
    """Add a registered user by e-mail address; a member gets the role that is sent."""
    id_ = _id(project_id)
    return _put(id_, *members().invite(g.caller, g.operation, id_, body.read_json()))


@bp.get("/<project_id>/members/<user_id>")
@promises(summary="Get a member", scope=policies.READ, tag="projects", answers={200: MemberSchema()}, problems=MISSING,
          reads_task=True)
def get_member(project_id: str, user_id: str) -> Response:
    """Get one member; `me` is the caller."""
    found = members().get(g.caller, _id(project_id), paths.user_id(user_id), headers.consistency())
    return answers.json(_dump_member(found))


@bp.put("/<project_id>/members/<user_id>")
@promises(summary="Add a member, or change a role", scope=policies.ADMINISTER, tag="projects", body=MemberPut(),
          answers={200: MemberSchema(), 201: MemberSchema()}, problems=(*MEMBER_CHANGED, "quota_exceeded"), writes=True)
@idempotent
def put_member(project_id: str, user_id: str) -> Response:
    """Add a user to a project, or give a member another role."""
    id_ = _id(project_id)
    return _put(id_, *members().put(g.caller, g.operation, id_, paths.user_id(user_id), body.read_json()))


@bp.delete("/<project_id>/members/<user_id>")
@promises(summary="Remove a member, or leave", scope=policies.ADMINISTER, tag="projects", writes=True,
          answers={204: "Not a member any more."}, problems=MEMBER_CHANGED)
@idempotent
def remove_member(project_id: str, user_id: str) -> Response:
    """Remove a member; `me` leaves the project, as any member may."""
    members().remove(g.caller, g.operation, _id(project_id), paths.user_id(user_id))
    return Response(status=204)


def _id(text: str) -> uuid.UUID:
    """Read the project that a path names.

    :raise Problem: ``not_found`` for anything that is not a UUID
    """
    found = parse_id(text)
    if found is None:
        raise policies.missing()
    return found


def _versioned(project: ProjectByUser) -> Response:
    return answers.versioned(_dump(project), project.version)


def _packed(row: ProjectByUser) -> list[object]:
    created_at, project_id = place(row)
    return [clock.micros(created_at) // 1000, project_id.hex]


def _unpacked(values: list[object]) -> Place | None:
    if not values:
        return None
    at, project_id = values
    assert isinstance(at, int)
    return clock.EPOCH + timedelta(milliseconds=at), uuid.UUID(hex=str(project_id))


def _put(project_id: uuid.UUID, member: Member, new: bool) -> Response:
    if not new:
        return answers.json(_dump_member(member))
    there = url_for("projects.get_member", project_id=project_id, user_id=member.user_id)
    return answers.json(_dump_member(member), 201, {"Location": there})
