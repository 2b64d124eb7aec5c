"""The gate: who asks, and whether the route is for them.

Open mode has no login, so it must not answer anybody but this machine: it listens on loopback alone
(`settings.py`), answers to loopback names alone, lest a foreign page reach it through a name that it lets point here,
and takes no writes from pages of other sites.
"""

import re

from flask import Flask, Response, g, request
from flask_cors.core import get_cors_options, set_cors_headers

from taskapp.http.contract import PUBLIC, current_contract
from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem
from taskapp.settings import Settings

SCOPES = {
    "tasks:read": "read tasks",
    "tasks:write": "make, change and delete tasks",
    "metrics:read": "read the service's metrics",
}
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LOOPBACK_ORIGIN = r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$"
_ORIGIN = re.compile(r"https?://([^/@?#]+)")
_ALLOWED = ["Content-Type", "Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "Consistency-Level",
            "X-Request-ID"]
_EXPOSED = ["ETag", "Link", "Next-Cursor", "Location", "Idempotency-Replayed", "Retry-After", "X-Request-ID",
            "Server-Timing"]


def init_app(app: Flask, settings: Settings, open_user: Caller) -> None:
    """Guard every route."""
    names = _LOOPBACK_NAMES | set(settings.allowed_hosts)

    def guard() -> None:
        if "HTTP_HOST" not in request.environ and request.environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            raise Problem("bad_request", "The request has no Host.")
        if (name := _host_name(request.host)) not in names:
            raise Problem("forbidden_host", f"Without a login, the service does not answer to the name {name!r}; "
                          "TASKAPP_ALLOWED_HOSTS can allow it.")
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_machine(names, settings.cors_origins):
            raise Problem("forbidden_host", "Without a login, pages of other sites may not write; "
                          "TASKAPP_CORS_ORIGINS can allow it.")
        contract = current_contract()
        if contract and contract.scope != PUBLIC and contract.scope not in open_user.scopes:
            raise Problem("not_found", "There is nothing at this address.")
        g.caller = open_user

    app.before_request(guard)
    options = get_cors_options(app, {
        "origins": [_LOOPBACK_ORIGIN, *settings.cors_origins], "expose_headers": _EXPOSED, "max_age": 600,
        "allow_headers": _ALLOWED})

    def allow_origin(response: Response) -> Response:
        # Requests that no other origin's page sent, nearly all, are spared the library's look at them.
        return set_cors_headers(response, options) if "Origin" in request.headers else response

    app.after_request(allow_origin)


def _host_name(host: str) -> str:
    return (host if host.endswith("]") else host.rpartition(":")[0] or host).lower()


def _same_machine(names: frozenset[str], origins: list[str]) -> bool:
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "none") != "cross-site"
    return origin in origins or bool((match := _ORIGIN.fullmatch(origin)) and _host_name(match[1]) in names)
