"""Rate limits: how often a token may write, and how often an address may log in or register.

`RateLimit` and `RateLimit-Policy` report the current state (draft-ietf-httpapi-ratelimit-headers-10). When the database
cannot be reached, this process decides from what it knows: a limit must not take the service down.
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
    # Exported as 0 until the first refusal.
    LIMITED.labels(_policy)
# The prefix length of a household's or site's network, whose addresses count as one.
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
