"""Query parameters: fields that take the list of values a parameter was sent with."""

import re
from collections.abc import Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Range

from taskapp.kit.fields import Text

MAX_LIMIT, DEFAULT_LIMIT, MAX_CURSOR_LENGTH = 200, 50, 1024
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class One(fields.Field[Any]):
    """A parameter that is sent once, parsed by another field."""

    def __init__(self, inner: fields.Field[Any], **given: Any) -> None:
        given.setdefault("metadata", {}).setdefault("explode", False)
        super().__init__(**given)
        self.inner = inner

    def _deserialize(self, value: Sequence[str], attr: Any, data: Any, **_: Any) -> Any:
        if len(value) != 1:
            raise ValidationError("Must be sent once.")
        return self.inner.deserialize(_text(value[0]))


class Whole(fields.Integer):
    """An integer that is sent as text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> int:
        if not _WHOLE.fullmatch(value):
            raise ValidationError("Not a valid integer.")
        return int(value)


class Flag(fields.Field[bool]):
    """A parameter that is ``true`` or ``false``."""

    def _deserialize(self, value: Sequence[str], attr: Any, data: Any, **_: Any) -> bool:
        if list(value) not in (["true"], ["false"]):
            raise ValidationError("Must be true or false.")
        return value[0] == "true"


class Many(fields.Field[list[Any]]):
    """A parameter that may be repeated; with ``commas``, one that is sent once and split at commas."""

    def __init__(self, inner: fields.Field[Any], *, most: int, commas: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.inner, self.most, self.commas = inner, most, commas

    def _deserialize(self, value: Sequence[str], attr: Any, data: Any, **_: Any) -> list[Any]:
        if self.commas:
            if len(value) != 1:
                raise ValidationError("Must be sent once.")
            value = [each.strip() for each in value[0].split(",")]
        if len(value) > self.most:
            raise ValidationError(f"Must have at most {self.most} values.")
        return [self.inner.deserialize(_text(each)) for each in value]


class Parameters(Schema):
    """The query parameters of a route; this one has none."""

    class Meta:
        """Reject unknown parameters."""

        unknown = RAISE


class PageParameters(Parameters):
    """A page of a list."""

    limit = One(Whole(validate=Range(1, MAX_LIMIT)), load_default=DEFAULT_LIMIT,
                metadata={"description": "Objects on a page.", "minimum": 1, "maximum": MAX_LIMIT})
    cursor = One(Text(shortest=1, longest=MAX_CURSOR_LENGTH), load_default=None,
                 metadata={"description": "`Next-Cursor` of the page before.", "type": "string"})


def _text(value: str) -> str:
    if "\0" in value or "\N{REPLACEMENT CHARACTER}" in value:
        raise ValidationError("Not valid text.")
    return value
