"""Health and metrics, for an operator's tools."""

import os
from functools import cache
from importlib.metadata import version

from flask import Blueprint, Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess

from taskapp.cassandra.driver import clocks, gauges
from taskapp.cassandra.schema import sync as schemas
from taskapp.http import answers
from taskapp.http.contract import PUBLIC, promises
from taskapp.kit.caller import register_scopes
from taskapp.kit.problem import Problem

METRICS = "metrics:read"
register_scopes({METRICS: "read the service's metrics (administrators)"}, admin=True)
_version = cache(version)  # it reads a file


def init_app(app: Flask, schema: schemas.Schema) -> None:
    """Add the routes, never under the URL prefix, so that tools find them."""
    bp = Blueprint("health", __name__)

    @bp.get("/health/live")
    @promises(summary="Is the process alive?", scope=PUBLIC, tag="health", answers={200: "It answers."},
              description="Asks nothing but the process itself.")
    def live() -> Response:
        return answers.json({"status": "alive", "version": _version("taskapp")})

    @bp.get("/health/ready")
    @promises(summary="Can the process serve?", scope=PUBLIC, tag="health", problems=("unavailable",),
              description="Asks the database, and compares tables and clock with what the process needs.",
              answers={200: "It can."})
    def ready() -> Response:
        reason = schemas.ready(schema) or clocks.reason()
        if reason:
            raise Problem("unavailable", f"Not ready: {reason}.", headers={"Retry-After": "5"})
        return answers.json({"status": "ready", "schema_version": schema.version})

    @bp.get("/metrics")
    @promises(summary="Metrics", scope=METRICS, tag="health",
              description="Prometheus text: requests, statements, conflicts, repairs, of all workers.",
              answers={200: "Prometheus text."})
    def metrics() -> Response:
        gauges.look()
        return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(bp)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
        return registry
    from prometheus_client import REGISTRY
    return REGISTRY
