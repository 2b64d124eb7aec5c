"""Users: who uses the service."""

from flask import Flask

from taskapp.features.users.examples import EXAMPLES, TAGS
from taskapp.features.users.models import MODELS, User
from taskapp.features.users.policies import ADMIN_SCOPES, SCOPES, acquaintance, check_sees
from taskapp.features.users.problems import PROBLEMS
from taskapp.features.users.service import UserService
from taskapp.features.users.views import bp
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add users to the application."""
    service = UserService(settings)
    app.extensions["users"], app.extensions["slow_hash"] = service, service.hasher.fingerprint
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/users")


__all__ = ["ADMIN_SCOPES", "EXAMPLES", "MODELS", "PROBLEMS", "SCOPES", "TAGS", "User", "UserService", "acquaintance",
           "bp", "check_sees", "init_app"]
