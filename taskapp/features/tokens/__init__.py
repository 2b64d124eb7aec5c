"""Tokens: what a client sends in place of a password."""

from flask import Flask

from taskapp.features.tokens.examples import EXAMPLES, TAGS
from taskapp.features.tokens.models import MODELS
from taskapp.features.tokens.service import TokenService
from taskapp.features.tokens.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add tokens to the application, and let the gate authenticate callers by them."""
    service = TokenService(settings, app.extensions["users"])
    app.extensions["tokens"], app.extensions["authenticate"] = service, service.authenticate
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/tokens")


__all__ = ["EXAMPLES", "MODELS", "TAGS", "TokenService", "bp", "init_app"]
