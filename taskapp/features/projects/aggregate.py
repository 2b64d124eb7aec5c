"""Projects, as the write path sees them."""

from datetime import timedelta

import orjson

from taskapp.features.projects import queries
from taskapp.features.projects.models import Project, ProjectChange
from taskapp.features.projects.projections import PROJECTIONS
from taskapp.kit.operation import Operation
from taskapp.writepath.aggregate import Step
from taskapp.writepath.diffs import Diffs
from taskapp.writepath.versioned import Versioned


class ProjectAggregate(Versioned[Project]):
    """A project, its members and its history."""

    kind = "project"
    truth = queries.PROJECTS
    diffs = Diffs(Project, without={"project_id", "current_version", "updated_at", "created_at", "created_by"})
    projections = PROJECTIONS


def step(old: Project | None, new: Project, operation: Operation, kind: str) -> Step[Project]:
    """Turn an edited project into the next version; no step if nothing changed."""
    if old is not None:
        if new == old:
            return Step(old, old)
        at = max(operation.at, old.updated_at + timedelta(milliseconds=1))
        new = new.replace(current_version=old.current_version + 1, updated_at=at)
    return Step(old, new, ProjectChange(
        project_id=new.project_id, version=new.current_version, change_id=operation.change_id, at=new.updated_at,
        actor=operation.actor, kind=kind, diff=orjson.dumps(PROJECTS.diffs.between(old, new)).decode()))


PROJECTS = ProjectAggregate()
