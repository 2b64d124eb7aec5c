"""The tables of projects: the truth, and the projects of a user."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, FrozenMap, Table
from taskapp.features.projects.inbox import inbox
from taskapp.features.projects.roles import ADMIN
from taskapp.writepath.truth import HistoryRow


class ProjectId(Table):
    """Which project? The column that every row of its partition has."""

    __abstract__ = True
    project_id: Column[uuid.UUID] = columns.UUID(partition_key=True)


class Project(ProjectId):
    """What is this project, and who is in it? The static columns of its partition.

    ``members`` are roles by user, at most ``TASKAPP_MAX_MEMBERS``, in one cell: whatever changes them is a version of
    the project, so that the condition on its version also keeps the last admin.
    """

    __abstract__ = True
    current_version: Column[int] = columns.Integer(static=True)
    name: Column[str] = columns.Text(static=True)
    description: Column[str | None] = columns.Text(static=True)
    color: Column[str | None] = columns.Text(static=True)
    archived: Column[bool] = columns.Boolean(static=True)
    members: Column[dict[uuid.UUID, str]] = FrozenMap(columns.UUID, columns.Text, static=True)
    created_by: Column[uuid.UUID] = columns.UUID(static=True)
    created_at: Column[datetime] = columns.DateTime(static=True)
    updated_at: Column[datetime] = columns.DateTime(static=True)
    deleted_at: Column[datetime | None] = columns.DateTime(static=True)

    @property
    def version(self) -> int:
        """The version, by its name on the wire."""
        return self.current_version

    @property
    def admins(self) -> set[uuid.UUID]:
        """Who manages it."""
        return {user_id for user_id, role in self.members.items() if role == ADMIN}


class ProjectChange(ProjectId, HistoryRow):
    """What was changed in this project?"""

    __abstract__ = True
    version: Column[int] = columns.Integer(primary_key=True, clustering_order="DESC")

    @property
    def aggregate_id(self) -> uuid.UUID:
        """What was changed, by the name that all kinds of change use."""
        return self.project_id


class ProjectTruth(Project, ProjectChange):  # type: ignore[override]  # there, `version` is that of a change
    """What is this project, who is in it, and what was changed? The truth.

    One partition per project: the project itself in static columns, and a row for each version, of some hundred bytes.
    Every version is written on the condition that ``current_version`` has not changed.
    """

    __table_name__ = "projects"


class ProjectByUser(Table):
    """Which projects is a user in, as what? By creation, oldest first; at most ``TASKAPP_MAX_PROJECTS`` rows."""

    __table_name__ = "projects_by_user"
    user_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    created_at: Column[datetime] = columns.DateTime(primary_key=True)
    project_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    role: Column[str] = columns.Text()
    name: Column[str] = columns.Text()
    description: Column[str | None] = columns.Text()
    color: Column[str | None] = columns.Text()
    archived: Column[bool] = columns.Boolean()
    updated_at: Column[datetime] = columns.DateTime()
    deleted_at: Column[datetime | None] = columns.DateTime()
    version: Column[int] = columns.Integer()

    @property
    def inbox(self) -> bool:
        """Whether it is the user's inbox."""
        return self.project_id == inbox(self.user_id)


class LiveOfUser(Table):
    """Which of a user's projects are not in the trash?"""

    __abstract__ = True
    project_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    deleted_at: Column[datetime | None] = columns.DateTime()


class ProjectTrashDay(Table):
    """On which days were projects moved to the trash?"""

    __abstract__ = True
    day: Column[datetime] = columns.DateTime(partition_key=True)


class ProjectTrashedOn(ProjectTrashDay):
    """Which projects were moved to the trash on a day? Purging reads the days whose projects have been there long."""

    __table_name__ = "projects_trashed"
    project_id: Column[uuid.UUID] = columns.UUID(primary_key=True)


MODELS = (ProjectTruth, ProjectByUser, ProjectTrashedOn)
