"""What happens around every request: id, budget, parameters, timing, one log line, metrics, headers."""

import re
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from taskapp.cassandra import work
from taskapp.http.contract import current_contract
from taskapp.kit.clock import new_id
from taskapp.kit.problem import invalid, parameter_error
from taskapp.kit.validation import load_parameters
from taskapp.settings import Settings

REQUESTS = Counter("taskapp_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "taskapp_request_seconds", "Time from a request's arrival in the worker to its answer.", ["route"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0))
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
log = structlog.get_logger()


def init_app(app: Flask, settings: Settings) -> None:
    """Wrap every request."""

    def begin() -> None:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else new_id().hex
        g.started = time.perf_counter()
        work.begin(settings.request_budget)

    app.before_request(begin)
    app.before_request(_read_parameters)
    app.after_request(_finish)


def _read_parameters() -> None:
    contract = current_contract()
    if contract is None:
        return
    if not request.query_string and not contract.parameters.load_fields:
        return
    sent = request.args.to_dict(flat=False)
    if any("\ud800" <= character <= "\udfff" for name in sent for character in name):
        raise invalid([parameter_error("?", "A parameter's name is not valid text.")])
    g.parameters = load_parameters(contract.parameters, sent)


def _finish(response: Response) -> Response:
    spent, started = work.current(), g.get("started", time.perf_counter())
    seconds = time.perf_counter() - started
    work.end()
    headers = response.headers
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "private, no-cache")
    headers["X-Request-ID"] = g.get("request_id", "")
    database = spent.seconds if spent else 0.0
    headers["Server-Timing"] = f"db;dur={database * 1000:.1f}, app;dur={seconds * 1000:.1f}"
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(request.method if request.url_rule else "other", route, response.status_code).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    log.info("request", request_id=g.get("request_id"), method=request.method, path=request.path[:256], route=route,
             status=response.status_code, ms=round(seconds * 1000, 1), db_ms=round(database * 1000, 1),
             statements=spent.statements if spent else 0)
    return response
