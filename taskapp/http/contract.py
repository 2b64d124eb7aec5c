"""What a route promises, declared next to it: scope, input, answers and problems.

The gate reads the scope, the lifecycle the parameters, the OpenAPI document most of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, g
from marshmallow import Schema

from taskapp.kit.parameters import Parameters

View = TypeVar("View", bound=Callable[..., Any])
# The scope of routes that anyone may call, and of those that accept any token.
PUBLIC, AUTHENTICATED = "public", "authenticated"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The promise of one route.

    :param scope: the scope that the caller's token must have, or ``AUTHENTICATED`` or ``PUBLIC``
    :param body: schema of the JSON body; None for routes that take no body, or ``{}``
    :param parameters: schema of the query string
    :param answers: by status, a schema, a list of schemas (an array of them), or a description if there is no schema
    :param problems: codes of ``kit.problem.KINDS`` in addition to those of every route
    :param writes: the route changes something, so it takes Idempotency-Key
    :param conditions: which of If-Match and If-None-Match the route takes
    :param secret_body: the body may hold passwords, which enter the request's fingerprint by a slow hash only
    :param streamed: the route answers with rows as they arrive, as JSON or NDJSON
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
    streamed: bool = False


def promises(**given: Any) -> Callable[[View], View]:
    """Declare a view's contract."""
    contract = Contract(**given)

    def declare(view: View) -> View:
        view.contract = contract  # type: ignore[attr-defined]
        return view

    return declare


def contract_of(app: Flask, endpoint: str | None) -> Contract | None:
    """Return the contract of a route, if it has one."""
    return getattr(app.view_functions.get(endpoint or ""), "contract", None)


def current_contract() -> Contract | None:
    """Return the contract of the requested route; None if there is no such route."""
    found: Contract | None = g.contract
    return found


def check_all(app: Flask) -> None:
    """Refuse to start with a route that has no contract."""
    missing = [rule.endpoint for rule in app.url_map.iter_rules() if contract_of(app, rule.endpoint) is None]
    if missing:
        raise RuntimeError(f"routes without a contract: {', '.join(missing)}")
