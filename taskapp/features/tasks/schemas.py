"""Tasks on the wire."""

from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf, Range

from taskapp.kit.fields import Boolean, Day, Id, MapOf, SetOf, Text, Time

STATUSES = ("pending", "in_progress", "completed", "cancelled")
MAX_PRIORITY = 5
MAX_TITLE_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_LABEL_LENGTH = 500, 16_384, 64
MAX_LABELS, MAX_ASSIGNEES = 50, 50
# Seconds: twenty years, as long as Cassandra lets a cell live.
MAX_EXPIRES_IN = 630_720_000
MAX_METADATA, MAX_METADATA_KEY_LENGTH, MAX_METADATA_VALUE_LENGTH = 50, 64, 1024
# Members of a task that only the service sets; a client may send them back unchanged.
READ_ONLY = ("task_id", "created_by", "created_at", "updated_at", "completed_at", "expires_at", "version")
DEFAULTS: dict[str, Any] = {"description": None, "status": "pending", "priority": 0, "due_date": None, "all_day": False,
                            "labels": frozenset(), "assignees": frozenset(), "parent_id": None, "metadata": {}}
# The tutorial's four fields, which PUT replaces even when they are absent; a due date brings `all_day` along.
REPLACED = ("title", "description", "status", "due_date", "all_day")


def _title(**given: Any) -> Text:
    return Text(shortest=1, longest=MAX_TITLE_LENGTH, one_line=True,
                metadata={"description": "What is to be done, on one line.", "example": "Complete project"}, **given)


def _description() -> Text:
    return Text(longest=MAX_DESCRIPTION_LENGTH, allow_none=True,
                metadata={"description": "Details.", "example": "Finish the API implementation"})


def _status(**given: Any) -> fields.String:
    return fields.String(validate=OneOf(STATUSES), metadata={
        "description": "Where the work stands.", "default": "pending"}, **given)


def _priority(**given: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(0, MAX_PRIORITY),
                 metadata={"description": "From 0 (none) to 5 (highest).", "default": 0}, **given)


def _due_date() -> Time:
    return Time(allow_none=True, metadata={
        "description": "RFC 3339, in UTC.", "type": ["string", "null"],
        "format": "date-time", "example": "2027-01-15T12:00:00.000Z"})


def _new_due_date() -> Day:
    return Day(allow_none=True, metadata={
        "description": "RFC 3339; without an offset it is UTC; kept to the millisecond. A date alone is kept as its "
                       "midnight, and makes the task `all_day`.", "type": ["string", "null"],
        "example": "2027-01-15T12:00:00.000Z"})


def _all_day(**given: Any) -> Boolean:
    return Boolean(metadata={"description": "Whether the due date is a day, without a time.", "default": False},
                   **given)


def _labels(**given: Any) -> SetOf:
    return SetOf(Text(shortest=1, longest=MAX_LABEL_LENGTH, one_line=True), most=MAX_LABELS,
                 metadata={"description": "At most 50 labels; sorted, each once.", "example": ["ops"]}, **given)


def _assignees(**given: Any) -> SetOf:
    return SetOf(Id(), most=MAX_ASSIGNEES, metadata={"description": "Members of the project."}, **given)


def _metadata(**given: Any) -> MapOf:
    return MapOf(Text(shortest=1, longest=MAX_METADATA_KEY_LENGTH), Text(longest=MAX_METADATA_VALUE_LENGTH),
                 most=MAX_METADATA, metadata={"description": "Strings by string, for the client's own use.",
                                               "example": {"ticket": "4711"}}, **given)


def _expires_in() -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(1, MAX_EXPIRES_IN), allow_none=True, metadata={
        "description": "Seconds after which the task removes itself, for good, counted from this request; null ends an "
                       "expiry, and absent the time that is left stays. Shown as `expires_at`.", "example": 86_400})


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class TaskCreate(_Strict):
    """A task to create."""

    title = _title(required=True)
    description = _description()
    status = _status()
    priority = _priority()
    due_date = _new_due_date()
    all_day = _all_day()
    labels = _labels()
    assignees = _assignees()
    parent_id = Id(allow_none=True, metadata={"description": "The task that this one is a part of."})
    project_id = Id(metadata={"description": "The project; the caller's inbox if absent."})
    metadata = _metadata()
    expires_in = _expires_in()


class TaskReplace(TaskCreate):
    """A replacement for a task: title, description, status and due date are replaced, other members only if sent."""


class TaskPatch(_Strict):
    """Changes to a task (RFC 7396): absent members stay; null resets a member, or removes a metadata entry."""

    title = _title()
    description = _description()
    status = _status(allow_none=True)
    priority = _priority(allow_none=True)
    due_date = _new_due_date()
    all_day = _all_day(allow_none=True)
    labels = _labels(allow_none=True, changes=True)
    assignees = _assignees(allow_none=True, changes=True)
    parent_id = Id(allow_none=True)
    project_id = Id()
    metadata = _metadata(allow_none=True, removals=True)
    expires_in = _expires_in()


class TaskSchema(Schema):
    """A task."""

    task_id = Id(required=True, metadata={"description": "Made by the service, or by a client's PUT."})
    project_id = Id(required=True)
    title = _title(required=True)
    description = _description()
    status = _status(required=True)
    priority = _priority(required=True)
    due_date = _due_date()
    all_day = _all_day(required=True)
    labels = _labels(required=True)
    assignees = _assignees(required=True)
    parent_id = Id(allow_none=True)
    metadata = _metadata(required=True)
    created_by = Id(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    completed_at = Time(allow_none=True, metadata={"description": "When the status became `completed`."})
    expires_at = Time(allow_none=True, metadata={"description": "When the task removes itself."})
    version = fields.Integer(required=True, metadata={"description": "1, 2, 3 …: the ETag.", "minimum": 1})


class TrashedTaskSchema(TaskSchema):
    """A task in the trash."""

    deleted_at = Time(required=True)


class ChangeSchema(Schema):
    """One change to a task."""

    change_id = Id(required=True)
    task_id = Id(required=True)
    version = fields.Integer(required=True)
    at = Time(required=True)
    actor = Id(required=True, metadata={"description": "The user who made it."})
    kind = fields.String(required=True, metadata={"enum": ["created", "updated", "deleted", "restored", "undone"]})
    diff = fields.Raw(required=True, metadata={"type": "object",
                                               "description": "`{field: [old, new]}` of each field that changed."})


class Message(Schema):
    """A message that says what was done."""

    message = fields.String(required=True)
