"""Activity on the wire."""

from marshmallow import Schema, fields

from taskapp.kit.fields import Id, Time

KINDS = ("created", "updated", "deleted", "restored", "undone", "removed", "expired")


class EventSchema(Schema):
    """A change that a user made, or the expiry of one of their tasks."""

    event_id = Id(required=True)
    at = Time(required=True)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    task_id = Id(required=True)
    version = fields.Integer(required=True, metadata={"description": "That of the task, after it."})
