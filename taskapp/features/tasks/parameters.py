"""Query parameters of the task routes."""

from marshmallow import fields
from marshmallow.validate import OneOf, Range

from taskapp.features.tasks.listing import SORTS
from taskapp.features.tasks.schemas import MAX_LABEL_LENGTH, MAX_PRIORITY, STATUSES
from taskapp.kit.fields import Id, Text
from taskapp.kit.filter_syntax import MAX_FILTER_LENGTH
from taskapp.kit.parameters import Flag, Many, One, PageParameters, Parameters, Whole

MAX_IDS, MAX_Q_LENGTH = 100, 256


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
    priority = Many(Whole(validate=Range(0, MAX_PRIORITY)), most=8, load_default=(), metadata={
        "description": "Tasks of this priority; repeated: of any of them.", "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": MAX_PRIORITY}})
    label = Many(Text(shortest=1, longest=MAX_LABEL_LENGTH), most=8, load_default=(), metadata={
        "description": "Tasks with this label; repeated: with any of them.", "type": "array",
        "items": {"type": "string"}})
    assignee = Many(Text(shortest=1, longest=36), most=8, load_default=(), metadata={
        "description": "Tasks of this user, or of the caller (`me`); repeated: of any of them.", "type": "array",
        "items": {"type": "string"}})
    due_before = One(Text(shortest=1, longest=40), load_default=None, metadata={
        "description": "Tasks due before this time: RFC 3339, a date, or `now+7d`.", "type": "string"})
    due_after = One(Text(shortest=1, longest=40), load_default=None, metadata={
        "description": "Tasks due after this time.", "type": "string"})
    parent = One(Text(shortest=1, longest=36), load_default=None, metadata={
        "description": "Tasks that are parts of this one, or of `none`.", "type": "string"})
    q = One(Text(shortest=1, longest=MAX_Q_LENGTH), load_default=None, metadata={
        "description": "Tasks whose title and description hold all these words; case and accents do not matter.",
        "type": "string"})
    filter = One(Text(shortest=1, longest=MAX_FILTER_LENGTH), load_default=None, metadata={
        "description": "Tasks that meet a condition, such as `status in (pending, in_progress) && due_date < now+7d && "
                       "labels has \"ops\"`: fields with `=`, `!=`, `<`, `<=`, `>`, `>=`, `in` and `has`, combined by "
                       "`&&`, `||`, `!` and parentheses. It and the other parameters must all be met.",
        "type": "string", "example": "status = pending && priority >= 3"})
    trash = Flag(load_default=False, metadata={"description": "Tasks in the trash, instead of live ones.",
                                               "type": "boolean"})
    sort = One(fields.String(validate=OneOf(SORTS)), load_default="-created_at", metadata={
        "description": "The order; tasks without a due date come last.", "type": "string", "enum": list(SORTS)})


class RemovalParameters(Parameters):
    """How to delete a task."""

    permanent = Flag(load_default=False, metadata={"description": "Remove for good, past the trash.",
                                                   "type": "boolean"})
