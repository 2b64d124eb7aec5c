"""Activity on the wire."""

from marshmallow import Schema, fields

from taskapp.kit.fields import Id, Time

KINDS = ("created", "updated", "deleted", "restored", "undone", "removed", "expired")


class EventSchema(Schema):
    """One thing that a user did, or a task of theirs that expired."""

    event_id = Id(required=True)
    at = Time(required=True)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    task_id = Id(required=True)
    version = fields.Integer(required=True, metadata={"description": "That of the task, after it."})
