"""What is derived from a view: its row among those of its owner."""

from collections.abc import Iterator

from taskapp.features.views.models import View, ViewByOwner
from taskapp.writepath.projections import Projection
from taskapp.writepath.versioned import timestamp


def by_owner(view: View) -> Iterator[ViewByOwner]:
    """Derive the row of a view that is not deleted."""
    if not view.deleted_at:
        yield ViewByOwner(owner_id=view.owner_id, view_id=view.view_id, project_id=view.project_id, name=view.name,
                          expression=view.expression, sort=view.sort, created_at=view.created_at,
                          updated_at=view.updated_at, version=view.version)


PROJECTIONS = (Projection(ViewByOwner, by_owner, timestamp, id_column="view_id"),)
