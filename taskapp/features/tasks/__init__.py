"""The tasks feature."""

from flask import Flask

from taskapp.features.projects import leaving
from taskapp.features.tasks.aggregate import TASKS
from taskapp.features.tasks.asked import check_filter
from taskapp.features.tasks.examples import EXAMPLES, TAGS
from taskapp.features.tasks.listing import SORTS
from taskapp.features.tasks.models import MODELS
from taskapp.features.tasks.policies import SCOPES
from taskapp.features.tasks.problems import PROBLEMS
from taskapp.features.tasks.service import TaskService
from taskapp.features.tasks.upkeep import Purger
from taskapp.features.tasks.views import bp
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add tasks to the application."""
    app.extensions["tasks"] = tasks = TaskService(settings, app.extensions["projects"].memberships)
    leaving["tasks"] = tasks.unassign
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/tasks")


def upkeep(settings: Settings) -> tuple[Repeated, ...]:
    """Create the threads that run alongside requests."""
    return (Purger(settings).thread,)


AGGREGATES = (TASKS,)
__all__ = ["AGGREGATES", "EXAMPLES", "MODELS", "PROBLEMS", "SCOPES", "SORTS", "TAGS", "TaskService", "bp",
           "check_filter", "init_app", "upkeep"]
