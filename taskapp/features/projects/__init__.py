"""Projects: what tasks belong to, and who may see and change them."""

from flask import Flask

from taskapp.features.projects.aggregate import PROJECTS, leaving
from taskapp.features.projects.examples import EXAMPLES, TAGS
from taskapp.features.projects.inbox import inbox
from taskapp.features.projects.members import MemberService
from taskapp.features.projects.memberships import Memberships
from taskapp.features.projects.models import MODELS, Project
from taskapp.features.projects.policies import SCOPES, check_edits, check_sees, role
from taskapp.features.projects.problems import PROBLEMS
from taskapp.features.projects.queries import of_user, share
from taskapp.features.projects.service import ProjectService
from taskapp.features.projects.views import bp
from taskapp.features.users import acquaintance
from taskapp.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Add projects to the application."""
    projects = ProjectService(settings)
    acquaintance["projects"] = share
    app.extensions["projects"] = projects
    app.extensions["members"] = MemberService(settings, projects, app.extensions["users"])
    app.register_blueprint(bp, url_prefix=f"{settings.url_prefix}/projects")


AGGREGATES = (PROJECTS,)
__all__ = ["AGGREGATES", "EXAMPLES", "MODELS", "PROBLEMS", "SCOPES", "TAGS", "MemberService", "Memberships", "Project",
           "ProjectService", "bp", "check_edits", "check_sees", "inbox", "init_app", "leaving", "of_user",
           "role"]
