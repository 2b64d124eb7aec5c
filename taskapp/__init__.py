"""taskapp: a task-management service on Apache Cassandra that never loses an acknowledged change."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from taskapp.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Assemble the application; the connection is made elsewhere (`gunicorn.conf.py`)."""
    # Imported here: the command line imports this package to supervise other processes, and should stay small.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from taskapp import schema
    from taskapp.cassandra.coordination.secrets import SharedSecret
    from taskapp.features import FEATURES
    from taskapp.http import contract, documentation, errors, gate, health, lifecycle, limits, logs, streaming, welcome
    from taskapp.settings import Settings

    settings = settings or Settings.from_env()
    logs.configure(settings)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    if settings.proxies:
        # Only the client's address: no header decides where the service is.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions["secret"] = SharedSecret("cursors", settings.secret_key)
    errors.init_app(app)
    lifecycle.init_app(app, settings)
    gate.init_app(app, settings)
    limits.init_app(app, settings)
    streaming.init_app(app, settings)
    health.init_app(app, schema.current())
    welcome.init_app(app, settings)
    documentation.init_app(app, settings)
    for feature in FEATURES:
        if hasattr(feature, "init_app"):
            feature.init_app(app, settings)
    contract.check_all(app)
    return app
