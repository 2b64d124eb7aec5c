"""Projects and their members on the wire."""

from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf

from taskapp.features.projects.roles import ROLES
from taskapp.kit.email import Email
from taskapp.kit.fields import Boolean, Form, Id, Text, Time

MAX_NAME_LENGTH, MAX_DESCRIPTION_LENGTH = 200, 2_048
# Members of a project that only the service sets.
READ_ONLY = ("project_id", "role", "inbox", "created_at", "updated_at", "version")


def _name(**given: Any) -> Text:
    return Text(shortest=1, longest=MAX_NAME_LENGTH, one_line=True,
                metadata={"description": "What the project is called.", "example": "Spring launch"}, **given)


def _description() -> Text:
    return Text(longest=MAX_DESCRIPTION_LENGTH, allow_none=True, metadata={"description": "What it is about."})


def _color() -> Text:
    return Text(longest=7, shortest=7, allow_none=True, form=Form("#[0-9a-fA-F]{6}", "Not a color such as #1f6feb."),
                metadata={"description": "`#rrggbb`.", "example": "#1f6feb"})


def _archived(**given: Any) -> Boolean:
    return Boolean(metadata={"description": "Whether it is kept as it is: its tasks cannot be changed."}, **given)


def _role(**given: Any) -> fields.String:
    return fields.String(validate=OneOf(ROLES), metadata={
        "description": "viewer: reads; editor: also changes tasks; admin: also manages the project."}, **given)


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class ProjectCreate(_Strict):
    """A project to create."""

    name = _name(required=True)
    description = _description()
    color = _color()


class ProjectPatch(_Strict):
    """Changes to a project (RFC 7396): absent members stay; null clears one."""

    name = _name()
    description = _description()
    color = _color()
    archived = _archived()


class ProjectSchema(Schema):
    """A project, as one of its members sees it."""

    project_id = Id(required=True)
    name = _name(required=True)
    description = _description()
    color = _color()
    role = _role(required=True)
    inbox = fields.Boolean(required=True, metadata={"description": "Whether it is the caller's inbox."})
    archived = _archived(required=True)
    created_at = Time(required=True)
    updated_at = Time(required=True)
    version = fields.Integer(required=True, metadata={"description": "1, 2, 3 …: the ETag.", "minimum": 1})


class TrashedProjectSchema(ProjectSchema):
    """A project in the trash."""

    deleted_at = Time(required=True)


class MemberPut(_Strict):
    """What a member is to be."""

    role = _role(required=True)


class MemberInvite(MemberPut):
    """A user to add, by e-mail address."""

    email = Email(required=True)


class MemberSchema(Schema):
    """A member of a project."""

    user_id = Id(required=True)
    name = Text(longest=MAX_NAME_LENGTH, allow_none=True, metadata={"description": "Null if the user was removed."})
    role = _role(required=True)
