"""Saved views on the wire."""

from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf

from taskapp.features.tasks import SORTS
from taskapp.kit.fields import Id, Text, Time
from taskapp.kit.filter_syntax import MAX_FILTER_LENGTH

MAX_NAME_LENGTH = 200
# Members of a view that only the service sets.
READ_ONLY = ("view_id", "created_at", "updated_at", "version")
DEFAULTS: dict[str, Any] = {"expression": "", "sort": "-created_at", "project_id": None}


def _name(**given: Any) -> Text:
    return Text(shortest=1, longest=MAX_NAME_LENGTH, one_line=True,
                metadata={"description": "What the view is called.", "example": "Due this week"}, **given)


def _filter(**given: Any) -> Text:
    return Text(longest=MAX_FILTER_LENGTH, data_key="filter", metadata={
        "description": "As in `GET /tasks/`; empty for all tasks.", "default": "",
        "example": "status in (pending, in_progress) && due_date < now+7d"}, **given)


def _sort(**given: Any) -> fields.String:
    return fields.String(validate=OneOf(SORTS), metadata={"description": "As in `GET /tasks/`.",
                                                          "default": "-created_at"}, **given)


def _project_id() -> Id:
    return Id(allow_none=True, metadata={"description": "The project whose members share it; null for a view of "
                                                        "one's own."})


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class ViewCreate(_Strict):
    """A view to save."""

    name = _name(required=True)
    expression = _filter()
    sort = _sort()
    project_id = _project_id()


class ViewPatch(_Strict):
    """Changes to a view (RFC 7396): absent members stay; null resets one."""

    name = _name()
    expression = _filter(allow_none=True)
    sort = _sort(allow_none=True)
    project_id = _project_id()


class ViewSchema(Schema):
    """A saved view."""

    view_id = Id(required=True)
    name = _name(required=True)
    expression = _filter(required=True)
    sort = _sort(required=True)
    project_id = _project_id()
    created_at = Time(required=True)
    updated_at = Time(required=True)
    version = fields.Integer(required=True, metadata={"description": "1, 2, 3 …: the ETag.", "minimum": 1})
