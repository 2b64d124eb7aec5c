"""What is derived from a project: its row among the projects of each member, and in the trash calendar."""

from collections.abc import Iterator

from taskapp.features.projects.models import Project, ProjectByUser, ProjectTrashedOn
from taskapp.kit import clock
from taskapp.writepath.projections import Projection
from taskapp.writepath.versioned import timestamp


def by_user(project: Project) -> Iterator[ProjectByUser]:
    """Derive a row for each member."""
    for user_id, role in project.members.items():
        yield ProjectByUser(
            user_id=user_id, project_id=project.project_id, role=role, name=project.name,
            description=project.description, color=project.color, archived=project.archived,
            created_at=project.created_at, updated_at=project.updated_at, deleted_at=project.deleted_at,
            version=project.version)


def trashed_on(project: Project) -> Iterator[ProjectTrashedOn]:
    """Derive the row of the trash calendar; what was purged has no members any more."""
    if project.deleted_at and project.members:
        yield ProjectTrashedOn(day=clock.midnight(project.deleted_at), project_id=project.project_id)


PROJECTIONS = (
    Projection(ProjectByUser, by_user, timestamp, id_column="project_id"),
    Projection(ProjectTrashedOn, trashed_on, timestamp, id_column="project_id"),
)
