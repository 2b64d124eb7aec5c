"""Every error is answered with a problem (RFC 9457)."""

import logging
import math

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from taskapp.cassandra.driver.policies import CONSISTENCY_LEVELS
from taskapp.cassandra.errors import CircuitOpen, DatabaseUnavailable, OutcomeUnknown
from taskapp.http import headers
from taskapp.kit.problem import MEDIA_TYPE, Problem

log = logging.getLogger(__name__)
_CODES = {404: "not_found", 405: "method_not_allowed", 408: "request_timeout", 413: "too_large", 414: "uri_too_long",
          415: "unsupported_media_type", 417: "expectation_failed", 431: "headers_too_large",
          501: "not_implemented"}
_DETAILS = {404: "There is nothing at this address.", 405: "This address does not take this method."}


def init_app(app: Flask) -> None:
    """Render every error as a problem."""
    app.register_error_handler(Problem, render)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(DatabaseUnavailable, _unavailable)
    app.register_error_handler(CircuitOpen, _refused)
    app.register_error_handler(OutcomeUnknown, _unknown)
    app.register_error_handler(Exception, _fault)


def render(problem: Problem) -> Response:
    """Render a problem as a response."""
    body = orjson.dumps(problem.body(g.get("request_id")))
    return Response(body, problem.status, {**problem.headers, "Cache-Control": "no-store"}, content_type=MEDIA_TYPE)


def _from_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    given = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    limit = f"The body is larger than {request.max_content_length} bytes." if status == 413 else None
    detail = _DETAILS.get(status) or limit or error.description or "The request cannot be answered."
    return render(Problem(_CODES.get(status, "bad_request"), detail, headers=given))


def _unavailable(error: DatabaseUnavailable | OutcomeUnknown) -> Response:
    log.warning("database unavailable", extra={"request_id": g.get("request_id"), "error": str(error)})
    level = headers.sent("Consistency-Level")
    chosen = request.method == "GET" and level in CONSISTENCY_LEVELS
    detail = (f"Too few nodes answer for Consistency-Level {level} now. Try again, or choose a lower level." if chosen
              else "The database cannot be reached now; nothing was stored. Try again.")
    return render(Problem("unavailable", detail, headers={"Retry-After": "1"}))


def _refused(error: CircuitOpen) -> Response:
    # The circuit breaker logged that it opened; a line per request would only cost time.
    return render(Problem("unavailable", "The database has not been answering, so it was not asked; nothing was "
                          "stored. Try again.", headers={"Retry-After": str(max(1, math.ceil(error.seconds)))}))


def _unknown(error: OutcomeUnknown) -> Response:
    if request.method == "GET":
        # What a read writes, such as the first cursor's key, is not a change by the caller.
        return _unavailable(error)
    log.warning("outcome unknown", extra={"request_id": g.get("request_id"), "error": str(error)})
    return render(Problem("outcome_unknown", "It is unknown whether the change was stored. Try again with the "
                          "same Idempotency-Key.", headers={"Retry-After": "1"}))


def _fault(error: Exception) -> Response:
    log.exception("fault", extra={"request_id": g.get("request_id"), "route": str(request.url_rule)})
    return render(Problem("internal_error", "Internal error; the log has the details under this request_id."))
