"""The gate: who is calling, and whether they may use the route.

Token mode requires a bearer token with the route's scope. Open mode has no login, so it must answer this machine only:
it listens on loopback only (`settings.py`), answers only to loopback names and `TASKAPP_ALLOWED_HOSTS`, lest a foreign
page reach it through a name of its own that it points here (DNS rebinding), and accepts no writes from pages of other
sites, except those of `TASKAPP_CORS_ORIGINS`.
"""

import re
from collections.abc import Callable

from flask import Flask, Response, current_app, g, request
from flask_cors.core import get_cors_options, set_cors_headers

from taskapp.http import headers
from taskapp.http.contract import AUTHENTICATED, PUBLIC, current_contract
from taskapp.kit.caller import BUILT_IN_USER, SCOPES, Caller
from taskapp.kit.problem import Problem
from taskapp.settings import Settings

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LOOPBACK_ORIGIN = r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$"
_ORIGIN = re.compile(r"https?://([^/@?#]+)")
_ALLOWED = ["Content-Type", "Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "Consistency-Level",
            "X-Request-ID"]
_EXPOSED = ["ETag", "Link", "Next-Cursor", "Location", "Idempotency-Replayed", "Retry-After", "X-Request-ID",
            "Server-Timing", "RateLimit", "RateLimit-Policy", "WWW-Authenticate"]
# The syntax of a token (RFC 6750, 2.1); nothing else is looked up.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,256}=*", re.ASCII)


def init_app(app: Flask, settings: Settings) -> None:
    """Guard every route."""
    app.before_request(_open_guard(settings) if settings.auth == "open" else _token_guard)
    _allow_origins(app, settings)


def caller_if_any() -> Caller | None:
    """Return the caller of a public route, if they identify themselves.

    :raise Problem: ``unauthorized``, for an invalid token
    """
    if "caller" in g:
        return g.caller  # type: ignore[no-any-return]
    return _bearer() if headers.sent("Authorization") else None


# -- Token mode


def _token_guard() -> None:
    contract = current_contract()
    # A browser sends OPTIONS, without a token, to ask whether another origin's page may call (Fetch, CORS preflight).
    if contract is None or contract.scope == PUBLIC or request.method == "OPTIONS":
        return
    caller = _bearer()
    if contract.scope not in (AUTHENTICATED, *caller.scopes):
        raise Problem("insufficient_scope", f"The token lacks the scope {contract.scope}.", headers={
            "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{contract.scope}"'})
    g.caller = caller


def _bearer() -> Caller:
    scheme, _, secret = (headers.sent("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Problem("unauthorized", "Send a token: `Authorization: Bearer …`; POST /tokens/ creates one.",
                      headers={"WWW-Authenticate": "Bearer"})
    authenticate: Callable[[str, str], Caller | None] = current_app.extensions["authenticate"]
    caller = authenticate(secret.strip(), request.remote_addr or "") if _TOKEN.fullmatch(secret.strip()) else None
    if caller is None:
        # One answer for all cases, so that nobody learns which tokens existed.
        raise Problem("unauthorized", "The token is unknown, revoked or expired.",
                      headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return caller


# -- Open mode


def _open_guard(settings: Settings) -> Callable[[], None]:
    names = _LOOPBACK_NAMES | set(settings.allowed_hosts)
    user = Caller(BUILT_IN_USER, frozenset(SCOPES))

    def guard() -> None:
        if "HTTP_HOST" not in request.environ and request.environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            raise Problem("bad_request", "The request has no Host header.")
        if (name := _host_name(request.host)) not in names:
            raise Problem("forbidden_host", f"Open mode does not accept the host name {name!r}; "
                          "TASKAPP_ALLOWED_HOSTS can allow it.")
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_machine(names, settings.cors_origins):
            raise Problem("forbidden_host", "Open mode does not accept writes from pages of other sites; "
                          "TASKAPP_CORS_ORIGINS can allow it.")
        g.caller = user

    return guard


def _host_name(host: str) -> str:
    return (host if host.endswith("]") else host.rpartition(":")[0] or host).lower()


def _same_machine(names: frozenset[str], origins: list[str]) -> bool:
    origin = headers.sent("Origin")
    if origin is None:
        return headers.sent("Sec-Fetch-Site") != "cross-site"
    return origin in origins or bool((match := _ORIGIN.fullmatch(origin)) and _host_name(match[1]) in names)


# -- Pages of other origins


def _allow_origins(app: Flask, settings: Settings) -> None:
    own = [_LOOPBACK_ORIGIN] if settings.auth == "open" else []
    options = get_cors_options(app, {
        "origins": [*own, *settings.cors_origins], "expose_headers": _EXPOSED, "max_age": 600,
        "allow_headers": _ALLOWED})

    def allow_origin(response: Response) -> Response:
        # Requests without an Origin, which nearly all are, skip the library's checks.
        return set_cors_headers(response, options) if headers.sent("Origin") is not None else response

    app.after_request(allow_origin)
