"""Tokens on the wire."""

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf, Range

from taskapp.kit import passwords
from taskapp.kit.caller import SCOPES
from taskapp.kit.email import Email
from taskapp.kit.fields import Id, SetOf, Text, Time

MAX_NAME_LENGTH, MAX_SCOPES = 200, 50
# Twenty years, Cassandra's longest TTL.
MAX_EXPIRY = 20 * 365 * 86_400


def _name() -> Text:
    return Text(shortest=1, longest=MAX_NAME_LENGTH, one_line=True, allow_none=True,
                metadata={"description": "What the token is for.", "example": "calendar"})


def _scopes(**given: bool) -> SetOf:
    return SetOf(fields.String(validate=OneOf(SCOPES.keys(), error="Not a scope; see /docs.")), most=MAX_SCOPES,
                 metadata={"description": "What the token may be used for; if absent, all that its user may.",
                           "example": ["tasks:read"]}, **given)


class TokenCreate(Schema):
    """A login with e-mail and password; or, sent with a bearer token, a request for another token."""

    class Meta:
        """Reject unknown members."""

        unknown = RAISE

    email = Email()
    password = Text(longest=passwords.MAX_LENGTH, metadata={"format": "password", "writeOnly": True,
                                                         "example": "correct horse"})
    name = _name()
    scopes = _scopes()
    expires_in = fields.Integer(strict=True, validate=Range(1, MAX_EXPIRY), allow_none=True, metadata={
        "description": "Seconds; null: it does not expire; if absent, `TASKAPP_TOKEN_DAYS`."})

    @validates_schema
    def _check(self, data: dict[str, object], **_: object) -> None:
        for name, other in (("email", "password"), ("password", "email")):
            if name in data and other not in data:
                raise ValidationError("Required for a login.", other)
        if data.get("scopes") == frozenset():
            raise ValidationError("Must have at least one scope.", "scopes")


class TokenSchema(Schema):
    """A token, without its secret."""

    token_id = Id(required=True)
    name = _name()
    scopes = _scopes(required=True)
    created_at = Time(required=True)
    expires_at = Time(allow_none=True)
    last_used_at = Time(allow_none=True, metadata={"description": "To about a minute."})
    last_used_from = fields.String(allow_none=True, metadata={"description": "The address of that use."})


class NewTokenSchema(TokenSchema):
    """A new token, with its secret, which is shown only once."""

    token = fields.String(required=True, metadata={
        "description": "The secret: send it as `Authorization: Bearer …`. It is not kept and cannot be shown again."})
