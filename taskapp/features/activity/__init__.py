"""Activity: who did what, and when. It keeps an event for every change of a task."""

from flask import Flask

from taskapp.features.activity.events import MONTHS, Events, event
from taskapp.features.activity.examples import EXAMPLES
from taskapp.features.activity.models import MODELS, Event
from taskapp.features.activity.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add activity to the application."""
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/users")


__all__ = ["EXAMPLES", "MODELS", "MONTHS", "Event", "Events", "bp", "event", "init_app"]
