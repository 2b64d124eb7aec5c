"""Dumps compiled from a schema: one call of a generated function turns a row into what orjson serializes.

`Schema.dump` walks the fields of every object (945 µs for 50 tasks); the generated function is a dict display
(`bench/dump.py` measures both). A property test checks that the two agree.
"""

from collections.abc import Callable, Container
from typing import Any

from marshmallow import Schema

from taskapp.kit.fields import Id, ListOf, MapOf, SetOf, Single, Time
from taskapp.kit.single import shortest

Dump = Callable[[Any], dict[str, Any]]


def compile_dump(schema: Schema, as_text: Container[str] = ()) -> Dump:
    """Generate the function that turns a row into the JSON object of the schema.

    :param as_text: the fields whose values are already text, as they appear in the JSON
    """
    members = []
    for name, field in schema.dump_fields.items():
        value = f"row.{field.attribute or name}"
        members.append(f"{(field.data_key or name)!r}: {value if name in as_text else _expression(field, value)}")
    scope: dict[str, Any] = {"shortest": shortest}
    exec(f"def dump(row):\n    return {{{', '.join(members)}}}", scope)
    return scope["dump"]  # type: ignore[no-any-return]


def _expression(field: Any, value: str) -> str:
    # orjson serializes UUIDs itself, but writes times with microseconds, and takes no sets.
    if isinstance(field, Time):
        return f"{value}.isoformat(timespec='milliseconds') + 'Z' if {value} is not None else None"
    if isinstance(field, Single):
        return f"shortest({value}) if {value} is not None else None"
    if isinstance(field, ListOf):
        return f"list({value} or ())"
    if isinstance(field, SetOf):
        each = "str(each)" if isinstance(field.inner, Id) else "each"
        return f"sorted([{each} for each in {value}]) if {value} else []"
    if isinstance(field, MapOf):
        return f"dict({value}) if {value} else {{}}"
    return value
