"""Activity: who did what, and when.

Features whose changes are events import `activity.events`, which knows no HTTP.
"""

from flask import Flask

from taskapp.features.activity.models import MODELS
from taskapp.features.activity.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add activity to the application."""
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/users")


__all__ = ["MODELS", "bp", "init_app"]
