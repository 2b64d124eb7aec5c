"""What happens around every request: id, budget, parameters, timing, one log line, metrics, headers."""

import re
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from random import getrandbits
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask import Flask, Response, g, request
from marshmallow import Schema
from prometheus_client import Counter, Histogram

from taskapp.cassandra.driver import work
from taskapp.http import headers
from taskapp.http.contract import PUBLIC, Contract, contract_of
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_parameters
from taskapp.settings import Settings

REQUESTS = Counter("taskapp_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "taskapp_request_seconds", "Time from a request's arrival in the worker to its answer.", ["route"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "private, no-cache"),
)
# Cached children of the labels, to avoid prometheus_client's lock; routes, methods and statuses are few.
_requests, _request_seconds = cache(REQUESTS.labels), cache(REQUEST_SECONDS.labels)
log = structlog.get_logger()


def init_app(app: Flask, settings: Settings) -> None:
    """Wrap every request."""
    answer = app.wsgi_app

    def begin() -> None:
        # This and `_finish` run for every request, so Flask's proxies are resolved only once.
        asked, context = request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]
        sent = headers.sent("X-Request-ID") or ""
        # Not a secret, so a number that needs no system call.
        context.request_id = sent if _REQUEST_ID.fullmatch(sent) else f"{getrandbits(128):032x}"
        context.started = time.perf_counter()
        work.begin(settings.request_budget)
        contract = context.contract = contract_of(app, asked.endpoint)
        if contract is None:
            return
        if contract.scope != PUBLIC:
            _refuse_headers(contract)
        if asked.query_string or contract.parameters.load_fields:
            context.parameters = _parameters(contract.parameters, asked.query_string)

    def with_headers(environ: Any, start_response: Any) -> Any:
        def start(status: str, answered: list[tuple[str, str]], *more: Any) -> Any:
            names = {name for name, _ in answered}
            return start_response(status, [*answered, *(each for each in _HEADERS if each[0] not in names)], *more)

        return answer(environ, start)

    app.before_request(begin)
    app.after_request(_finish)
    app.wsgi_app = with_headers  # type: ignore[method-assign]


def _refuse_headers(contract: Contract) -> None:
    for name in ("If-Match", "If-None-Match"):
        if name not in contract.conditions and headers.sent(name) is not None:
            raise Problem("bad_header", f"{name} is not supported on this route.")
    headers.consistency()


@lru_cache(maxsize=4096)
def _parameters(schema: Schema, query: bytes) -> Mapping[str, Any]:
    # Frontends send the same few queries again and again, and a schema always loads a query the same way.
    sent: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"):
        sent.setdefault(name, []).append(value)
    return MappingProxyType(load_parameters(schema, sent))


def _finish(response: Response) -> Response:
    context, asked, spent = g._get_current_object(), request._get_current_object(), work.current()  # type: ignore[attr-defined]
    seconds = time.perf_counter() - context.started
    database, statements = (spent.seconds, spent.statements) if spent else (0.0, 0)
    work.end()
    answered = response.headers
    answered.add("X-Request-ID", context.request_id)
    answered.add("Server-Timing", f"db;dur={database * 1000:.1f}, app;dur={seconds * 1000:.1f}")
    route = asked.url_rule.rule if asked.url_rule else "none"
    _requests(asked.method if asked.url_rule else "other", route, response.status_code).inc()
    _request_seconds(route).observe(seconds)
    log.info("request", request_id=context.request_id, method=asked.method, path=asked.path[:256], route=route,
             status=response.status_code, ms=round(seconds * 1000, 1), db_ms=round(database * 1000, 1),
             statements=statements)
    return response
