"""What a route promises, declared beside it: scope, input, answers and problems.

The gate reads the scope, the lifecycle the parameters, the OpenAPI page all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, g
from marshmallow import Schema

from taskapp.kit.parameters import Parameters

View = TypeVar("View", bound=Callable[..., Any])
# The scope of routes that anybody may call, and of those that any token is good for.
PUBLIC, AUTHENTICATED = "public", "authenticated"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The promise of one route.

    :param scope: what a caller's token must hold, ``AUTHENTICATED`` or ``PUBLIC``
    :param body: schema of the JSON body; ``empty_body`` routes take none, or ``{}``
    :param parameters: schema of the query string
    :param answers: schema (None: no JSON schema) and description by status
    :param problems: codes of ``kit.problem.KINDS`` beside those that every route has
    :param writes: it changes something, so it takes Idempotency-Key
    :param conditions: it takes If-Match or If-None-Match
    :param secret_body: the body holds passwords, of which not even a hash is kept
    :param replays: a repeat with the same Idempotency-Key gets the first answer
    :param streamed: it answers with rows while they arrive, as JSON or NDJSON
    """

    summary: str
    scope: str
    tag: str
    answers: Mapping[int, "Schema | str | list[Schema]"]
    description: str = ""
    body: Schema | None = None
    body_types: tuple[str, ...] = ("application/json",)
    parameters: Schema = field(default_factory=Parameters)
    problems: tuple[str, ...] = ()
    writes: bool = False
    conditions: tuple[str, ...] = ()
    reads_task: bool = False
    paged: bool = False
    secret_body: bool = False
    replays: bool = True
    streamed: bool = False


def promises(**given: Any) -> Callable[[View], View]:
    """Declare a view's contract."""
    contract = Contract(**given)

    def declare(view: View) -> View:
        view.contract = contract  # type: ignore[attr-defined]
        return view

    return declare


def contract_of(app: Flask, endpoint: str | None) -> Contract | None:
    """Find the contract of a route."""
    return getattr(app.view_functions.get(endpoint or ""), "contract", None)


def current_contract() -> Contract | None:
    """Find the contract of the route that is asked for; None if there is no such route."""
    found: Contract | None = g.contract
    return found


def check_all(app: Flask) -> None:
    """Refuse to start with a route that has no contract."""
    missing = [rule.endpoint for rule in app.url_map.iter_rules() if contract_of(app, rule.endpoint) is None]
    if missing:
        raise RuntimeError(f"routes without a contract: {', '.join(missing)}")
