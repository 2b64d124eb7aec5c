"""The routes of users."""


from flask import Blueprint, Response, current_app, g, url_for

from taskapp.features.users import policies, queries
from taskapp.features.users.schemas import UserCreate, UserNameSchema, UserPatch, UserSchema
from taskapp.features.users.service import UserService
from taskapp.http import answers, body, gate, headers, idempotency, paths
from taskapp.http.contract import AUTHENTICATED, PUBLIC, promises
from taskapp.http.idempotency import idempotent
from taskapp.http.paging import Page
from taskapp.kit.dump import compile_dump
from taskapp.kit.parameters import PageParameters

bp = Blueprint("users", __name__)
MISSING = ("not_found",)
_dump, _dump_name = compile_dump(UserSchema()), compile_dump(UserNameSchema())


def service() -> UserService:
    """Return this application's user service."""
    found: UserService = current_app.extensions["users"]
    return found


@bp.post("/")
@promises(summary="Register a user", scope=PUBLIC, tag="users", body=UserCreate(), answers={201: UserSchema()},
          problems=("email_taken", "registration_closed", "busy", "outcome_unknown"), writes=True)
def register() -> Response:
    """Register a user, who can log in at once (`POST /tokens/`).

    A repeat with the same Idempotency-Key, address and password returns the user registered the first time.
    """
    user, made = service().register(gate.caller_if_any(), idempotency.key(), body.read_json())
    replayed = {} if made else {"Idempotency-Replayed": "true"}
    return answers.json(_dump(user), 201, {"Location": url_for("users.get", user_id=user.id), **replayed})


@bp.get("/")
@promises(summary="List users", scope=policies.ADMIN, tag="users", parameters=PageParameters(),
          answers={200: [UserSchema()]}, problems=("bad_cursor",), paged=True, reads_task=True)
def list_() -> Response:
    """List all users in no meaningful order, one page at a time."""
    page = Page("users")
    found = queries.page(page.after[0] if page.after else None, page.one_more, headers.consistency())
    shown = found[:page.limit]
    users = [_dump(user) for user, _ in shown if not user.removed_at and user.version]
    return page.answer(users, [shown[-1][1]] if len(found) > page.limit else None)


@bp.get("/<user_id>")
@promises(summary="Get a user", scope=AUTHENTICATED, tag="users", answers={200: [UserSchema(), UserNameSchema()]},
          problems=MISSING, reads_task=True)
def get(user_id: str) -> Response:
    """Get a user; `me` is the caller. Of others in the same projects, one sees the name."""
    user, whole = service().seen(g.caller, paths.user_id(user_id), headers.consistency())
    return answers.json((_dump if whole else _dump_name)(user))


@bp.patch("/<user_id>")
@promises(summary="Change a user", scope=policies.WRITE, tag="users", body=UserPatch(), answers={200: UserSchema()},
          body_types=("application/json", "application/merge-patch+json"), writes=True, secret_body=True,
          problems=(*MISSING, "forbidden", "email_taken", "wrong_password", "not_stored", "busy", "contention",
                    "read_only", "outcome_unknown"))
@idempotent
def patch(user_id: str) -> Response:
    """Change the members that are sent (JSON Merge Patch); tags also take `{"add": [], "remove": []}`.

    Changing one's own password requires the current one. A new password ends all other tokens of the user.
    """
    return answers.json(_dump(service().patch(g.caller, paths.user_id(user_id), body.read_json(), g.operation)))


@bp.delete("/<user_id>")
@promises(summary="Remove a user", scope=policies.WRITE, tag="users", answers={204: "It is gone."}, writes=True,
          problems=(*MISSING, "forbidden", "not_stored", "contention", "outcome_unknown"))
@idempotent
def delete(user_id: str) -> Response:
    """Remove a user permanently: the tokens end, the e-mail address is free again, the tasks are out of reach."""
    service().remove(g.caller, paths.user_id(user_id), g.operation)
    return Response(status=204)
