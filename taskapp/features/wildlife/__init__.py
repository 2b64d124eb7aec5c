"""Wildlife: the tutorial's animals and plants. The smallest feature, and the one to copy for a new one."""

from flask import Flask

from taskapp.features.wildlife.examples import EXAMPLES, TAGS
from taskapp.features.wildlife.models import MODELS
from taskapp.features.wildlife.problems import PROBLEMS
from taskapp.features.wildlife.sample import fill
from taskapp.features.wildlife.service import WildlifeService
from taskapp.features.wildlife.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add wildlife to the application."""
    app.extensions["wildlife"] = WildlifeService()
    app.register_blueprint(bp, url_prefix=settings.url_prefix or None)


__all__ = ["EXAMPLES", "MODELS", "PROBLEMS", "TAGS", "WildlifeService", "bp", "fill", "init_app"]
