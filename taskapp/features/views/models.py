"""The tables of saved views."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Table
from taskapp.writepath.truth import HistoryRow


class ViewId(Table):
    """Which view? The column that every row of its partition has."""

    __abstract__ = True
    view_id: Column[uuid.UUID] = columns.UUID(partition_key=True)


class View(ViewId):
    """What is this view? The static columns of its partition."""

    __abstract__ = True
    current_version: Column[int] = columns.Integer(static=True)
    user_id: Column[uuid.UUID] = columns.UUID(static=True)
    project_id: Column[uuid.UUID | None] = columns.UUID(static=True)
    name: Column[str] = columns.Text(static=True)
    # Tables have a method named filter.
    expression: Column[str] = columns.Text(static=True)
    sort: Column[str] = columns.Text(static=True)
    created_at: Column[datetime] = columns.DateTime(static=True)
    updated_at: Column[datetime] = columns.DateTime(static=True)
    deleted_at: Column[datetime | None] = columns.DateTime(static=True)

    @property
    def version(self) -> int:
        """The version, by its name on the wire."""
        return self.current_version

    @property
    def owner_id(self) -> uuid.UUID:
        """Who or what it belongs to: the project that it is shared with, or its user."""
        return self.project_id or self.user_id


class ViewChange(ViewId, HistoryRow):
    """What was changed in this view?"""

    __abstract__ = True
    version: Column[int] = columns.Integer(primary_key=True, clustering_order="DESC")

    @property
    def aggregate_id(self) -> uuid.UUID:
        """What was changed, by the name that all kinds of change use."""
        return self.view_id


class ViewTruth(View, ViewChange):  # type: ignore[override]  # there, `version` is that of a change
    """What is this view, and what was changed? The truth; a partition of some hundred bytes for each."""

    __table_name__ = "views"


class ViewByOwner(Table):
    """Which views belong to a user, or to a project? At most a hundred rows each, oldest first."""

    __table_name__ = "views_by_owner"
    owner_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    created_at: Column[datetime] = columns.DateTime(primary_key=True)
    view_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    project_id: Column[uuid.UUID | None] = columns.UUID()
    name: Column[str] = columns.Text()
    expression: Column[str] = columns.Text()
    sort: Column[str] = columns.Text()
    updated_at: Column[datetime] = columns.DateTime()
    version: Column[int] = columns.Integer()


MODELS = (ViewTruth, ViewByOwner)
