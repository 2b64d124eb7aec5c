"""The database statements of views."""

import uuid
from collections.abc import Sequence

from taskapp.cassandra.mapper import Select, bind
from taskapp.features.views.models import View, ViewByOwner, ViewChange, ViewId, ViewTruth
from taskapp.writepath.truth import Truth

VIEWS = Truth(ViewTruth, ViewId, View, ViewChange)
_OF_OWNER = Select("views.of_owner", ViewByOwner.objects.filter(ViewByOwner.owner_id == bind("owner_id")))


def of_owners(owner_ids: Sequence[uuid.UUID], consistency: int | None = None) -> list[ViewByOwner]:
    """Read the views of users and projects."""
    asked = [_OF_OWNER.ask(owner_id=each, consistency=consistency) for each in owner_ids]
    return [row for answer in asked for row in answer.all()]
