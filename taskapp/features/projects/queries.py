"""The database statements of projects."""

import uuid
from datetime import datetime

from taskapp.cassandra.mapper import Select, bind, keys, markers
from taskapp.features.projects.models import Project, ProjectByUser, ProjectChange, ProjectId, ProjectTruth
from taskapp.kit import clock
from taskapp.writepath.truth import Truth

PROJECTS = Truth(ProjectTruth, ProjectId, Project, ProjectChange)
_OF_USER = ProjectByUser.objects.filter(ProjectByUser.user_id == bind("user_id"))
_PAGE = Select("projects.of_user", _OF_USER.filter(
    keys(ProjectByUser.created_at, ProjectByUser.project_id) > markers("created_at", "project_id")).limit(bind("size")))
_BEFORE_ALL = (clock.EPOCH, uuid.UUID(int=0))


def of_user(user_id: uuid.UUID, limit: int, after: tuple[datetime, uuid.UUID] | None = None,
            consistency: int | None = None) -> list[ProjectByUser]:
    """Read the projects that a user is in, in the trash or not, oldest first, after a given one."""
    created_at, project_id = after or _BEFORE_ALL
    return _PAGE.all(user_id=user_id, created_at=created_at, project_id=project_id, size=limit, consistency=consistency)
