"""Users on the wire."""

from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Range

from taskapp.kit import passwords
from taskapp.kit.email import Email
from taskapp.kit.fields import Id, MapOf, SetOf, Text, Time

MAX_NAME_LENGTH, MAX_TAG_LENGTH, MAX_TAGS = 200, 64, 50
MAX_AGE = 150
MAX_METADATA, MAX_METADATA_KEY_LENGTH, MAX_METADATA_VALUE_LENGTH = 50, 64, 1024
# Members of a user that only the service sets.
READ_ONLY = ("id", "created_at")


def _name(**given: Any) -> Text:
    return Text(shortest=1, longest=MAX_NAME_LENGTH, one_line=True,
                metadata={"description": "How others call the user.", "example": "Ann"}, **given)


def _password(description: str, **given: Any) -> Text:
    return Text(shortest=passwords.MIN_LENGTH, longest=passwords.MAX_LENGTH,
                metadata={"description": description, "format": "password", "writeOnly": True,
                          "example": "correct horse"}, **given)


def _age() -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(0, MAX_AGE), allow_none=True,
                          metadata={"description": "In years."})


def _tags(**given: Any) -> SetOf:
    return SetOf(Text(shortest=1, longest=MAX_TAG_LENGTH, one_line=True), most=MAX_TAGS,
                 metadata={"description": "Words about the user; sorted, each once.", "example": ["ops"]}, **given)


def _metadata(**given: Any) -> MapOf:
    return MapOf(Text(shortest=1, longest=MAX_METADATA_KEY_LENGTH), Text(longest=MAX_METADATA_VALUE_LENGTH),
                 most=MAX_METADATA, metadata={"description": "Strings by string, for the client's own use."}, **given)


class UserCreate(Schema):
    """A user to register."""

    class Meta:
        """Reject unknown members."""

        unknown = RAISE

    name = _name(required=True)
    email = Email(required=True)
    password = _password("At least 8 characters.", required=True)
    age = _age()
    tags = _tags()
    metadata = _metadata()


class UserPatch(Schema):
    """Changes to a user (RFC 7396): absent members stay as they are, null clears a member."""

    class Meta:
        """Reject unknown members."""

        unknown = RAISE

    name = _name()
    email = Email()
    password = _password("A new one; all other tokens of the user end.")
    current_password = _password("The one that a new password replaces.")
    age = _age()
    tags = _tags(allow_none=True, changes=True)
    metadata = _metadata(allow_none=True, removals=True)


class UserNameSchema(Schema):
    """A user, as members of the same project see them."""

    id = Id(required=True)
    name = _name(required=True)


class UserSchema(UserNameSchema):
    """A user; only the user and administrators may see it."""

    email = Email(required=True, allow_none=True)
    age = _age()
    tags = _tags(required=True)
    metadata = _metadata(required=True)
    created_at = Time(required=True)
