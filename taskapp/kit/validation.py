"""Validation of what was sent against a schema; errors name a JSON Pointer or a parameter."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from marshmallow import Schema, ValidationError

from taskapp.kit.problem import MAX_ERRORS, invalid, member_error, parameter_error
from taskapp.kit.strict_json import pointer


def load_body(schema: Schema, body: Any) -> dict[str, Any]:
    """Validate a JSON value against a schema.

    :raise Problem: ``invalid``, with a pointer for each error
    """
    if not isinstance(body, dict):
        raise invalid([member_error("", "Not an object.")])
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        # No more than a response lists: a body may have thousands of unknown members.
        raise invalid([member_error(*each) for each in islice(_flat(error.messages, ""), MAX_ERRORS)]) from None
    return loaded


def load_parameters(schema: Schema, parameters: dict[str, list[str]]) -> dict[str, Any]:
    """Validate the query string against a schema whose fields take lists of strings.

    :raise Problem: ``invalid``, with the name of each invalid parameter
    """
    try:
        loaded: dict[str, Any] = schema.load(parameters)
    except ValidationError as error:
        names = error.messages if isinstance(error.messages, dict) else {}
        raise invalid([parameter_error(str(name), detail.replace("Unknown member.", "Unknown parameter."))
                       for name, messages in names.items() for _, detail in _flat(messages, "")]) from None
    return loaded


def _flat(messages: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, each in messages.items():
            yield from _flat(each, pointer(where, key))
    else:
        for each in messages:
            yield where, str(each).replace("Unknown field.", "Unknown member.").replace(
                "Missing data for required field.", "Required.").replace("Field may not be null.", "Must not be null.")
