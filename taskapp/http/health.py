"""Health and metrics: what an operator's tools ask."""

import os
from importlib.metadata import version as installed

from flask import Blueprint, Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest, multiprocess

from taskapp.cassandra import schema as schemas
from taskapp.cassandra.connection import db
from taskapp.http import answers
from taskapp.http.contract import PUBLIC, promises
from taskapp.kit.problem import Problem

PREPARED = Gauge("taskapp_prepared_statements", "Statements prepared in the workers.", multiprocess_mode="livesum")
CONNECTIONS = Gauge("taskapp_connections", "Open connections to nodes.", multiprocess_mode="livesum")
IN_FLIGHT = Gauge("taskapp_in_flight", "Statements sent and not yet answered.", multiprocess_mode="livesum")


def init_app(app: Flask, schema: schemas.Schema) -> None:
    """Add the routes; they are never under the URL prefix, so that tools find them."""
    bp = Blueprint("health", __name__)

    @bp.get("/health/live")
    @promises(summary="Is the process alive?", scope=PUBLIC, tag="health", answers={200: "It answers."})
    def live() -> Response:
        return answers.json({"status": "alive", "version": installed("taskapp")})

    @bp.get("/health/ready")
    @promises(summary="Can the process serve?", scope=PUBLIC, tag="health", problems=("unavailable",),
              description="Asks the database, and compares the tables with those the process was written for.",
              answers={200: "It can."})
    def ready() -> Response:
        reason = schemas.ready(schema)
        if reason:
            raise Problem("unavailable", f"Not ready: {reason}.", headers={"Retry-After": "5"})
        return answers.json({"status": "ready", "schema_version": schema.version})

    @bp.get("/metrics")
    @promises(summary="Metrics", scope="metrics:read", tag="health",
              description="Prometheus text: requests, statements, conflicts, repairs, of all workers.",
              answers={200: "Prometheus text."})
    def metrics() -> Response:
        _look_at_pool()
        return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(bp)


def _look_at_pool() -> None:
    if not db.connected:
        return
    # A pool of the native protocol from version 3 on has one connection, and none while it is lost.
    connections = [pool._connection for pool in db.session.get_pools() if pool._connection]
    PREPARED.set(db.prepared_count)
    CONNECTIONS.set(len(connections))
    IN_FLIGHT.set(sum(each.in_flight for each in connections))


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
        return registry
    from prometheus_client import REGISTRY
    return REGISTRY
