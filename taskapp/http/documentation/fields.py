"""What each kind of field is in JSON Schema (2020-12), precisely enough for a generator to rely on."""

from functools import singledispatch
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from taskapp.kit.email import MAX_LENGTH, Email
from taskapp.kit.fields import Id, ListOf, MapOf, SetOf, Single, Text, Time
from taskapp.kit.parameters import Flag, Many, One

# In the ECMA-262 dialect, as in JSON Schema. NUL is refused everywhere, line breaks in single-line text.
_NO_NUL = r"^[^\u0000]*$"
_ONE_LINE = r"^[^\u0000\u000a-\u000d\u001c-\u001e\u0085\u2028\u2029]*$"
_WORDS = ("description", "default", "enum", "format", "minimum", "type", "writeOnly")


@singledispatch
def keywords(field: fields.Field[Any]) -> dict[str, Any]:
    """Return the JSON Schema keywords for what a field accepts."""
    return {}


@keywords.register
def _(field: fields.Integer) -> dict[str, Any]:
    limits = next((each for each in field.validators if isinstance(each, Range)), Range())
    found = {"type": "integer", "minimum": limits.min, "maximum": limits.max}
    return {word: value for word, value in found.items() if value is not None}


@keywords.register
def _(field: fields.String) -> dict[str, Any]:
    words = next((each.choices for each in field.validators if isinstance(each, OneOf)), None)
    return {"type": "string", "enum": list(words)} if words else {"type": "string"}


@keywords.register
def _(field: Text) -> dict[str, Any]:
    form = f"^({field.form.pattern})$" if field.form else _ONE_LINE if field.one_line else _NO_NUL
    return {"type": "string", "minLength": field.shortest, "maxLength": field.longest, "pattern": form}


@keywords.register
def _(field: Email) -> dict[str, Any]:
    return {"type": "string", "format": "email", "maxLength": MAX_LENGTH}


@keywords.register
def _(field: Single) -> dict[str, Any]:
    return {"type": "number", "minimum": field.least, "maximum": field.most}


@keywords.register
def _(field: ListOf) -> dict[str, Any]:
    return {"type": "array", "items": keywords(field.inner), "maxItems": field.most, "uniqueItems": False}


@keywords.register
def _(field: Time) -> dict[str, Any]:
    return {"type": "string", "format": "date-time"}


@keywords.register
def _(field: Id) -> dict[str, Any]:
    return {"type": "string", "format": "uuid"}


@keywords.register
def _(field: SetOf) -> dict[str, Any]:
    values: dict[str, Any] = {"type": "array", "items": keywords(field.inner), "maxItems": field.most}
    if not field.changes:
        return values
    change = {"type": "object", "properties": {"add": values, "remove": values}, "additionalProperties": False,
              "minProperties": 1, "description": "Values to add, and values to take away (which wins)."}
    return {"anyOf": [values, change]}


@keywords.register
def _(field: MapOf) -> dict[str, Any]:
    value = keywords(field.value)
    return {"type": "object", "maxProperties": field.most, "propertyNames": keywords(field.key),
            "additionalProperties": _nullable(value) if field.removals else value}


@keywords.register
def _(field: One) -> dict[str, Any]:
    return keywords(field.inner)


@keywords.register
def _(field: Flag) -> dict[str, Any]:
    return {"type": "boolean"}


@keywords.register
def _(field: Many) -> dict[str, Any]:
    return {"type": "array", "items": keywords(field.inner), "minItems": 1, "maxItems": field.most}


def property_of(field: fields.Field[Any]) -> dict[str, Any]:
    """Describe a field: what it accepts, and the metadata of its declaration."""
    said = {name: value for name, value in field.metadata.items() if name in _WORDS}
    if "example" in field.metadata:
        said["examples"] = [field.metadata["example"]]
    default = field.load_default
    if "default" not in said and isinstance(default, str | int | bool):
        said["default"] = default
    found = {**said, **keywords(field)}
    # A query string has no null; marshmallow infers `allow_none` from an absent parameter's default of None.
    return _nullable(found) if field.allow_none and not isinstance(field, One | Many | Flag) else found


def _nullable(found: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in found:
        return {**found, "anyOf": [*found["anyOf"], {"type": "null"}]}
    if "type" not in found:
        return found
    nullable = {**found, "type": [found["type"], "null"]}
    return {**nullable, "enum": [*found["enum"], None]} if "enum" in found else nullable


class Converter(OpenAPIConverter):
    """apispec's converter, with our own keywords for fields."""

    def field2property(self, field: fields.Field[Any]) -> dict[str, Any]:
        """Describe a field."""
        return property_of(field)


class Plugin(MarshmallowPlugin):
    """apispec's plugin for marshmallow, with our converter."""

    Converter = Converter


def as_answer(component: dict[str, Any]) -> None:
    """Adapt a schema's component to answers: every member is present, and more may be added later."""
    component.pop("additionalProperties", None)
    component["required"] = list(component["properties"])
    for member in component["properties"].values():
        member.pop("default", None)
        if "array" in member.get("type", ()):
            member.setdefault("uniqueItems", True)


def as_patch(component: dict[str, Any]) -> None:
    """Adapt a schema's component to patches: an absent member stays unchanged, so no member has a default."""
    for member in component["properties"].values():
        member.pop("default", None)


def description_of(schema: Schema) -> str:
    """Return the first line of a schema's docstring."""
    return (type(schema).__doc__ or "").strip().partition("\n")[0]
