"""The database statements of projects."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from taskapp.cassandra.mapper import Select, bind, keys, markers
from taskapp.features.projects.models import (
    LiveOfUser,
    Project,
    ProjectByUser,
    ProjectChange,
    ProjectId,
    ProjectTrashDay,
    ProjectTrashedOn,
    ProjectTruth,
)
from taskapp.kit import clock
from taskapp.writepath.truth import Truth

PROJECTS = Truth(ProjectTruth, ProjectId, Project, ProjectChange)
_OF_USER = ProjectByUser.objects.filter(ProjectByUser.user_id == bind("user_id"))
_PAGE = Select("projects.of_user", _OF_USER.filter(
    keys(ProjectByUser.created_at, ProjectByUser.project_id) > markers("created_at", "project_id")).limit(bind("size")))
_LIVE = Select("projects.live_of_user", _OF_USER, rows=LiveOfUser)
_TRASH_DAYS = Select("projects.trash_days", ProjectTrashedOn.objects.distinct(["day"]), rows=ProjectTrashDay)
_TRASHED = Select("projects.trashed", ProjectTrashedOn.objects.filter(ProjectTrashedOn.day == bind("day")))
_BEFORE_ALL = (clock.EPOCH, uuid.UUID(int=0))


def share(one: uuid.UUID, other: uuid.UUID) -> bool:
    """Return whether two users are in one project that is not in the trash."""
    asked = [_LIVE.ask(user_id=each) for each in (one, other)]
    mine, others = ({row.project_id for row in answer.all() if not row.deleted_at} for answer in asked)
    return not mine.isdisjoint(others)


def trashed(last: datetime) -> Iterator[uuid.UUID]:
    """Yield the projects that were moved to the trash on or before a day."""
    for row in _TRASH_DAYS.all():
        if row.day <= last:
            yield from (each.project_id for each in _TRASHED.all(day=row.day))


def of_user(user_id: uuid.UUID, limit: int, after: tuple[datetime, uuid.UUID] | None = None,
            consistency: int | None = None) -> list[ProjectByUser]:
    """Read the projects that a user is in, in the trash or not, oldest first, after a given one."""
    created_at, project_id = after or _BEFORE_ALL
    return _PAGE.all(user_id=user_id, created_at=created_at, project_id=project_id, size=limit, consistency=consistency)
