"""The types of values on the wire: marshmallow fields that are each strict about their JSON type."""

import math
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields

from taskapp.kit import single
from taskapp.kit.clock import floor_ms, rfc3339

# RFC 3339 date-time; a missing offset means UTC.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
                   re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LINE_BREAKS = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


class Text(fields.Field[str]):
    """A string of ``shortest`` to ``longest`` characters, in NFC; without line breaks if ``one_line``.

    :param form: what it must match: a regular expression that Python and ECMA-262 read alike
    """

    def __init__(self, *, longest: int, shortest: int = 0, one_line: bool = False, form: "Form | None" = None,
                 **given: Any) -> None:
        super().__init__(**given)
        self.shortest, self.longest, self.one_line, self.form = shortest, longest, one_line, form

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a string.")
        if not self.shortest <= len(value) <= self.longest:
            raise ValidationError(f"Must have {self.shortest} to {self.longest} characters; these are {len(value)}.")
        if self.one_line and _LINE_BREAKS.search(value):
            raise ValidationError("Must not hold a line break.")
        if self.form and not re.fullmatch(self.form.pattern, value):
            raise ValidationError(self.form.wanted)
        return value


class Form(NamedTuple):
    """What a string must match: a regular expression, and the error message for a string that does not."""

    pattern: str
    wanted: str


class Boolean(fields.Boolean):
    """``true`` or ``false``, and nothing else that marshmallow takes for them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Single(fields.Field[float]):
    """A finite number from ``least`` to ``most``, rounded to single precision (``kit/single.py``)."""

    def __init__(self, *, least: float, most: float, **given: Any) -> None:
        super().__init__(**given)
        self.least, self.most = least, most

    def _serialize(self, value: float | None, attr: Any, obj: Any, **_: Any) -> float | None:
        return None if value is None else single.shortest(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValidationError("Not a number.")
        if not self.least <= value <= self.most:
            raise ValidationError(f"Must be from {self.least:g} to {self.most:g}.")
        return single.rounded(value)


class Time(fields.Field[datetime]):
    """A time: RFC 3339 on the wire, naive UTC in whole milliseconds inside."""

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **_: Any) -> str | None:
        return None if value is None else rfc3339(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> datetime:
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if not match:
            raise ValidationError("Not a valid datetime.")
        day, clock, fraction, offset = match.groups()
        try:
            at = datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{(offset or 'Z').upper()}")
            return floor_ms(at.astimezone(UTC).replace(tzinfo=None))
        except (ValueError, OverflowError):
            raise ValidationError("Not a valid datetime.") from None


class Day(Time):
    """A time, or a date without one, which stays a ``date``."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            return super()._deserialize(value, attr, data)
        return super()._deserialize(f"{value}T00:00:00Z", attr, data).date()


class Id(fields.Field[uuid.UUID]):
    """A UUID."""

    def _serialize(self, value: uuid.UUID | None, attr: Any, obj: Any, **_: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> uuid.UUID:
        found = parse_id(value)
        if found is None:
            raise ValidationError("Not a valid UUID.")
        return found


class SetOf(fields.Field[frozenset[Any]]):
    """A set, on the wire an array of at most ``most`` values: sorted in output, with duplicates removed on input.

    :param changes: also take ``{"add": […], "remove": […]}``, and return it as a ``SetChange``
    """

    def __init__(self, inner: fields.Field[Any], *, most: int, changes: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.inner, self.most, self.changes = inner, most, changes

    def _serialize(self, value: Iterable[Any] | None, attr: Any, obj: Any, **_: Any) -> list[Any]:
        return sorted(self.inner._serialize(each, None, None) for each in value or ())

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Any:
        if self.changes and isinstance(value, dict):
            return self._change(value)
        if not isinstance(value, list):
            raise ValidationError('Not an array, nor {"add": […], "remove": […]}.' if self.changes else "Not an array.")
        return self._values(value)

    def _change(self, value: dict[str, Any]) -> "SetChange":
        errors: dict[str, Any] = {name: ["Unknown member."] for name in value if name not in ("add", "remove")}
        parts: dict[str, frozenset[Any]] = {}
        for name in ("add", "remove"):
            try:
                if not isinstance(value.get(name, []), list):
                    raise ValidationError("Not an array.")
                parts[name] = self._values(value.get(name, []))
            except ValidationError as error:
                errors[name] = error.messages
        if errors or not value:
            raise ValidationError(errors or {"add": ["Give `add` or `remove`."]})
        return SetChange(**parts)

    def _values(self, value: list[Any]) -> frozenset[Any]:
        return frozenset(_each(self.inner, value, self.most))


class ListOf(fields.Field[list[Any]]):
    """A list of at most ``most`` values, in the order given."""

    def __init__(self, inner: fields.Field[Any], *, most: int, **given: Any) -> None:
        super().__init__(**given)
        self.inner, self.most = inner, most

    def _serialize(self, value: Iterable[Any] | None, attr: Any, obj: Any, **_: Any) -> list[Any]:
        return [self.inner._serialize(each, None, None) for each in value or ()]

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("Not an array.")
        return _each(self.inner, value, self.most)


class SetChange:
    """Values to add to a set, and values to remove; a value in both is removed."""

    def __init__(self, add: frozenset[Any], remove: frozenset[Any]) -> None:
        self.add, self.remove = add, remove

    def apply(self, current: Iterable[Any]) -> frozenset[Any]:
        """Return the set after the change."""
        return (frozenset(current) | self.add) - self.remove


class MapOf(fields.Field[dict[str, Any]]):
    """An object of at most ``most`` pairs of strings; with ``removals``, ``null`` marks a key to remove."""

    def __init__(self, key: Text, value: Text, *, most: int, removals: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.key, self.value, self.most, self.removals = key, value, most, removals

    def _serialize(self, value: Mapping[str, str] | None, attr: Any, obj: Any, **_: Any) -> dict[str, str]:
        return dict(value or {})

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> dict[str, str | None]:
        if not isinstance(value, dict):
            raise ValidationError("Not an object.")
        # Removals come on top of the pairs that replace them.
        if len(value) > self.most * (2 if self.removals else 1):
            raise ValidationError(f"Must have at most {self.most} pairs.")
        errors: dict[str, Any] = {}
        for name, each in value.items():
            try:
                self.key.deserialize(name)
                if not (each is None and self.removals):
                    self.value.deserialize(each)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        if sum(each is not None for each in value.values()) > self.most:
            raise ValidationError(f"Must have at most {self.most} pairs.")
        return value


def _each(inner: fields.Field[Any], values: list[Any], most: int) -> list[Any]:
    if len(values) > most:
        raise ValidationError(f"Must have at most {most} values.")
    errors, read = {}, []
    for index, each in enumerate(values):
        try:
            read.append(inner.deserialize(each))
        except ValidationError as error:
            errors[index] = error.messages
    if errors:
        raise ValidationError(errors)
    return read


def parse_id(value: Any) -> uuid.UUID | None:
    """Parse a UUID of 32 hexadecimal digits, with or without hyphens; return None for anything else."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        return None
    return uuid.UUID(value)
