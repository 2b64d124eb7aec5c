"""Saved views: filters and sort orders with a name, for oneself or for a project."""

from flask import Flask

from taskapp.features.views.aggregate import VIEWS
from taskapp.features.views.examples import EXAMPLES, TAGS
from taskapp.features.views.models import MODELS
from taskapp.features.views.service import ViewService
from taskapp.features.views.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add saved views to the application."""
    app.extensions["views"] = ViewService(settings, app.extensions["projects"].memberships)
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/views")


AGGREGATES = (VIEWS,)
__all__ = ["AGGREGATES", "EXAMPLES", "MODELS", "TAGS", "ViewService", "bp", "init_app"]
