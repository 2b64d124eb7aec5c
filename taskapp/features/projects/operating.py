"""What operators do with projects, whoever is in them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from taskapp.features.projects import queries
from taskapp.features.projects.aggregate import PROJECTS
from taskapp.features.projects.models import Project
from taskapp.features.projects.policies import missing
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem
from taskapp.writepath import changing
from taskapp.writepath.aggregate import Step

_FIRST_TOKEN = -(2**63)


def everything() -> Iterator[Project]:
    """Yield all projects, in no meaningful order; inboxes are not stored, and not among them."""
    for project_id, _ in PROJECTS.all_ids(_FIRST_TOKEN):
        project = PROJECTS.load(project_id)
        if project and project.members:
            yield project


def find(project_id: uuid.UUID) -> Project:
    """Read a project, in the trash or not.

    :raise Problem: ``not_found``
    """
    project = PROJECTS.load(project_id)
    if project is None or not project.members:
        raise missing()
    return project


def restore(project_id: uuid.UUID) -> Project:
    """Take a project out of the trash.

    :raise Problem: ``not_found``, ``project_not_in_trash``
    """
    def edited(project: Project) -> Project:
        if not project.deleted_at:
            raise Problem("project_not_in_trash", "The project is not in the trash.")
        new: Project = project.replace(deleted_at=None)
        return new

    return _changed(project_id, "restored", edited)


def due(at: datetime, days: int) -> Iterator[uuid.UUID]:
    """Yield the projects whose time in the trash is over.

    :param days: how long they are kept there
    """
    last = at - timedelta(days=days)
    for project_id in queries.trashed(clock.midnight(last)):
        project = PROJECTS.load(project_id)
        if project and project.members and project.deleted_at and project.deleted_at <= last:
            yield project_id


def check_purge(project_id: uuid.UUID) -> Project:
    """Return a project that may be purged: one in the trash.

    :raise Problem: ``not_found``, ``project_not_in_trash``
    """
    project = find(project_id)
    if not project.deleted_at:
        raise Problem("project_not_in_trash", "Only a project in the trash can be purged; delete it first.")
    return project


def forget(project_id: uuid.UUID) -> None:
    """Take away what a purged project was called and who was in it; its id stays used.

    :raise Problem: ``not_found``
    """
    _changed(project_id, "purged", lambda project: project.replace(
        name="", description=None, color=None, members={}))


def _changed(project_id: uuid.UUID, kind: str, edit: Callable[[Project], Project]) -> Project:
    operation = Operation.new(BUILT_IN_USER)

    def work_out(found: Project | None) -> Step[Project]:
        if found is None or not found.members:
            raise missing()
        return PROJECTS.step(found, edit(found), operation, kind)

    changed = changing.change(PROJECTS, operation, project_id, work_out)
    assert changed is not None
    return changed
