"""Query parameters of the task routes."""

from marshmallow import fields
from marshmallow.validate import OneOf

from taskapp.features.tasks.listing import SORTS
from taskapp.features.tasks.schemas import STATUSES
from taskapp.kit.fields import Id
from taskapp.kit.parameters import Flag, Many, One, PageParameters, Parameters

MAX_IDS = 100


class ListParameters(PageParameters):
    """Which tasks to list, and in which order."""

    project = One(Id(), load_default=None, metadata={"description": "Tasks of this project.", "type": "string",
                                                     "format": "uuid"})
    ids = Many(Id(), most=MAX_IDS, commas=True, load_default=None, metadata={
        "description": "These tasks, in this order, separated by commas; missing ones are left out.",
        "type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": MAX_IDS})
    status = Many(fields.String(validate=OneOf(STATUSES)), most=8, load_default=(), metadata={
        "description": "Tasks of this status; repeated: of any of them.", "type": "array",
        "items": {"type": "string", "enum": list(STATUSES)}})
    trash = Flag(load_default=False, metadata={"description": "Tasks in the trash, instead of live ones.",
                                               "type": "boolean"})
    sort = One(fields.String(validate=OneOf(SORTS)), load_default="-created_at", metadata={
        "description": "The order; tasks without a due date come last.", "type": "string", "enum": list(SORTS)})


class RemovalParameters(Parameters):
    """How to delete a task."""

    permanent = Flag(load_default=False, metadata={"description": "Remove for good, past the trash.",
                                                   "type": "boolean"})
