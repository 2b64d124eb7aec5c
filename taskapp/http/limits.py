"""Limits: how often a token may write, and an address may log in or register.

Requests are told where they stand by `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10). When
the database cannot be asked, what this process knows decides: a limit must not end the service.
"""

import ipaddress
import logging
import math

from flask import Flask, Response, g, request
from prometheus_client import Counter

from taskapp.cassandra.coordination.rates import Decision, Limiter
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.http.contract import PUBLIC, current_contract
from taskapp.kit.problem import Problem
from taskapp.kit.rate import Rate
from taskapp.settings import Settings

LIMITED = Counter("taskapp_limited_total", "Requests that were refused since a limit was reached.", ["policy"])
log = logging.getLogger(__name__)
for _policy in ("writes", "login"):
    # Shown as 0 until it happens.
    LIMITED.labels(_policy)
# A household or a site has a network of this size; its addresses count as one.
_V6_NETWORK = 64


def init_app(app: Flask, settings: Settings) -> None:
    """Limit writes by token, and logins and registrations by address; open mode has no limits."""
    if settings.auth == "open":
        return
    writes = Limiter("writes", Rate.parse(settings.rate_writes))
    login = Limiter("login", Rate.parse(settings.rate_login))

    def limit() -> None:
        contract = current_contract()
        if contract is None or not contract.writes or request.method == "OPTIONS":
            return
        if contract.scope == PUBLIC:
            _take(login, _network(request.remote_addr or ""))
        else:
            _take(writes, str(g.caller.token_id))

    app.before_request(limit)
    app.after_request(_tell)


def _take(limiter: Limiter, key: str) -> None:
    try:
        decision = limiter.take(key)
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        log.warning("a limit could not be shared", extra={"policy": limiter.policy, "error": str(error)})
        return
    g.limit = limiter, decision
    if not decision.allowed:
        LIMITED.labels(limiter.policy).inc()
        rate = limiter.rate
        raise Problem("rate_limited", f"Too many requests: at most {rate.quota} in {rate.seconds} s "
                      f"({limiter.policy}).", headers={"Retry-After": str(_seconds(decision))})


def _tell(response: Response) -> Response:
    if "limit" in g:
        limiter, decision = g.limit
        response.headers["RateLimit-Policy"] = f'"{limiter.policy}";q={limiter.rate.quota};w={limiter.rate.seconds}'
        response.headers["RateLimit"] = f'"{limiter.policy}";r={decision.left};t={_seconds(decision)}'
    return response


def _seconds(decision: Decision) -> int:
    return max(1, math.ceil(decision.reset))


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _V6_NETWORK), strict=False))
