"""The routes of tokens."""

import uuid

from flask import Blueprint, Response, current_app, g, url_for

from taskapp.features.tokens import queries
from taskapp.features.tokens.schemas import NewTokenSchema, TokenCreate, TokenSchema
from taskapp.features.tokens.service import TokenService
from taskapp.http import answers, body, gate, headers, idempotency
from taskapp.http.contract import AUTHENTICATED, PUBLIC, promises
from taskapp.http.idempotency import idempotent
from taskapp.http.paging import Page
from taskapp.kit.dump import compile_dump
from taskapp.kit.fields import parse_id
from taskapp.kit.parameters import PageParameters
from taskapp.kit.problem import Problem

bp = Blueprint("tokens", __name__)
_dump = compile_dump(TokenSchema())


def service() -> TokenService:
    """Return this application's token service."""
    found: TokenService = current_app.extensions["tokens"]
    return found


@bp.post("/")
@promises(summary="Log in, or create another token", scope=PUBLIC, tag="tokens", body=TokenCreate(),
          answers={201: NewTokenSchema()}, writes=True,
          problems=("unauthorized", "insufficient_scope", "not_stored", "busy", "outcome_unknown"))
def create() -> Response:
    """Log in with e-mail and password; or, with a bearer token, create another one with the same or fewer scopes.

    A repeat with the same Idempotency-Key gives the same token a new secret; the first, which is not stored, ends.
    """
    token, secret = service().make(gate.caller_if_any(), idempotency.key(), body.read_json())
    place = url_for("tokens.revoke", token_id=token.token_id)
    return answers.json({**_dump(token), "token": secret}, 201, {"Location": place, "Cache-Control": "no-store"})


@bp.get("/")
@promises(summary="List the caller's tokens", scope=AUTHENTICATED, tag="tokens", parameters=PageParameters(),
          answers={200: [TokenSchema()]}, problems=("bad_cursor",), paged=True, reads_task=True)
def list_() -> Response:
    """List the caller's tokens, without their secrets, by id."""
    page = Page("tokens")
    after = uuid.UUID(page.after[0]) if page.after else queries.FIRST
    found = service().page(g.caller, after, page.one_more, headers.consistency())
    return page.of(found, _dump, lambda token: token.token_id.hex)


@bp.delete("/<token_id>")
@promises(summary="Revoke a token", scope=AUTHENTICATED, tag="tokens", answers={204: "It has ended."}, writes=True,
          problems=("not_found", "insufficient_scope", "outcome_unknown"))
@idempotent
def revoke(token_id: str) -> Response:
    """Revoke one of the caller's tokens, everywhere within five seconds; `current` is the one that was sent."""
    id_ = g.caller.token_id if token_id == "current" else parse_id(token_id)
    if id_ is None:
        raise Problem("not_found", "Token not found")
    service().revoke(g.caller, id_, g.operation)
    return Response(status=204)
