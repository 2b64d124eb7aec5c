"""Projects, as the write path sees them."""

import uuid
from collections.abc import Callable

import orjson

from taskapp.features.projects import queries
from taskapp.features.projects.models import Project
from taskapp.features.projects.projections import PROJECTIONS
from taskapp.writepath.aggregate import Step
from taskapp.writepath.diffs import Diffs
from taskapp.writepath.versioned import Versioned

# What is done when a user is no longer a member, by the feature that does it: called with the project's id and the
# user's, who removed them, and the id of that change; more than once, if need be.
leaving: dict[str, Callable[[uuid.UUID, uuid.UUID, uuid.UUID, uuid.UUID], None]] = {}


class ProjectAggregate(Versioned[Project]):
    """A project, its members and its history."""

    kind = "project"
    truth = queries.PROJECTS
    diffs = Diffs(Project, without={"project_id", "current_version", "updated_at", "created_at", "created_by"})
    projections = PROJECTIONS

    def follow(self, step: Step[Project]) -> bool:
        """Leave to a sweeper what is to be done for a member who left: it may take longer than a request."""
        return bool(step.change.kind != "member_removed")

    def follow_all(self, thing: Project) -> None:
        """Do what is to be done for members who left."""
        for change in self.truth.history(thing.project_id):
            if change.kind == "member_removed":
                old, new = orjson.loads(change.diff)["members"]
                for user_id in map(uuid.UUID, set(old) - set(new)):
                    if user_id not in thing.members:
                        for leave in leaving.values():
                            leave(thing.project_id, user_id, change.actor, change.change_id)


PROJECTS = ProjectAggregate()
