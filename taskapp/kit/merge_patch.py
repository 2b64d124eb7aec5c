"""JSON Merge Patch (RFC 7396), for objects with members that only the service sets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from taskapp.kit.fields import MapOf, SetChange, SetOf
from taskapp.kit.problem import invalid, member_error
from taskapp.kit.strict_json import pointer
from taskapp.kit.validation import load_body


@dataclass(frozen=True, slots=True)
class Sent:
    """The body of a change, validated as far as possible without the object.

    :param members: what the client may set, parsed
    :param read_only: the others, as they were sent
    """

    members: dict[str, Any]
    read_only: dict[str, Any]


def read(schema: Schema, body: Any, read_only: Collection[str]) -> Sent:
    """Validate a body, which may include members that only the service sets.

    :raise Problem: ``invalid``
    """
    if not isinstance(body, dict):
        return Sent(load_body(schema, body), {})
    ours = {name: value for name, value in body.items() if name in read_only}
    return Sent(load_body(schema, {name: body[name] for name in body if name not in ours}), ours)


def check_read_only(sent: Sent, current: Mapping[str, Any]) -> None:
    """Check that read-only members were sent with the values that the object has on the wire.

    :raise Problem: ``read_only``
    """
    wrong = [member_error(pointer("", name), "Read-only; send its current value, or leave it out.")
             for name, value in sent.read_only.items()
             if type(value) is not type(current[name]) or value != current[name]]
    if wrong:
        raise invalid(wrong, "read_only")


def merged(schema: Schema, old: Any, members: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Compute the new values of the members that were sent; null gives a member its default.

    :raise Problem: ``invalid``, for a set or map that would hold too many values
    """
    new = {name: _merged(getattr(old, name, None), value, defaults.get(name)) for name, value in members.items()}
    errors = []
    for name, value in new.items():
        field = schema.fields[name]
        if isinstance(field, SetOf | MapOf) and len(value) > field.most:
            detail = f"Must have at most {field.most} values; with this change it has {len(value)}."
            errors.append(member_error(f"/{name}", detail))
    if errors:
        raise invalid(errors)
    return new


def _merged(old: Any, sent: Any, default: Any) -> Any:
    if sent is None:
        return default
    if isinstance(sent, SetChange):
        return sent.apply(old)
    if isinstance(sent, dict):
        return {key: value for key, value in {**old, **sent}.items() if value is not None}
    return sent
