"""Views, as the write path sees them."""

from taskapp.features.views import queries
from taskapp.features.views.models import View
from taskapp.features.views.projections import PROJECTIONS
from taskapp.writepath.diffs import Diffs
from taskapp.writepath.versioned import Versioned


class ViewAggregate(Versioned[View]):
    """A view and its history."""

    kind = "view"
    truth = queries.VIEWS
    diffs = Diffs(View, without={"view_id", "current_version", "updated_at", "created_at"})
    projections = PROJECTIONS


VIEWS = ViewAggregate()
