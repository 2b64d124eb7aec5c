"""Strict JSON parsing: what two parsers could read differently is refused.

400 ``bad_json`` for what is not JSON, not UTF-8, or repeats a member; 422 ``invalid`` for JSON that cannot be a value
here: nested too deeply, too many values, a NUL, a lone surrogate, text that is too costly to normalize.

The sender of a body may not have logged in yet, and all of this holds the GIL: so its cost is at most linear in the
size of the body, and whatever is costly for its size has its own limit.
"""

import json
import re
from typing import Any, NoReturn
from unicodedata import combining, is_normalized, normalize

from taskapp.kit.problem import Problem, invalid, member_error

# MAX_MARKS: combining marks in a row, since sorting them takes quadratic time. The limit is that of Unicode's
# Stream-Safe Text Format (UAX #15, 13); no language needs more.
MAX_DEPTH, MAX_VALUES, MAX_MARKS = 16, 10_000, 30
# Characters of a string, and of all strings of a body that are not yet in NFC; twice what any member holds.
MAX_TEXT = 32_768
_TOO_MANY_MARKS = re.compile(rb"[^\0]{%d}" % (MAX_MARKS + 1))
# They do not count as marks, but decompose into nothing but marks; there are no others, and never will be.
_HIDDEN_MARKS = "\u0f73\u0f75\u0f81"
_SURROGATE = re.compile("[\ud800-\udfff]")
# The place of a container, and a member name or index in it; None is the whole body.
_Place = tuple["_Place", str | int] | None


def loads(body: bytes) -> Any:
    """Parse one JSON text; strings come out in Unicode NFC.

    :raise Problem: ``bad_json`` or ``invalid``
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("bad_json", f"The body is not UTF-8 at byte {error.start}.") from None
    if len(text) > MAX_VALUES and _values(text) > MAX_VALUES:
        raise invalid([member_error("", f"Must hold at most {MAX_VALUES:,} values.")])
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Problem("bad_json", f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
                      ) from None
    except RecursionError:
        raise _refused(None, _TOO_DEEP) from None
    return _Check().value(value, None, 1)


def pointer(parent: str, key: str | int) -> str:
    """Extend a JSON Pointer (RFC 6901) by one member name or index."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Problem("bad_json", f"The body repeats the member {twice[:64]!r}.")
    return members


def _integer(digits: str) -> int | float:
    # Python refuses to convert thousands of digits, and no field takes such a number anyway.
    return int(digits) if len(digits) <= 20 else float("inf")


def _no_constant(name: str) -> NoReturn:
    raise Problem("bad_json", f"The body is not JSON: {name} is no JSON value.")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_constant)


_TOO_DEEP = f"Nested deeper than {MAX_DEPTH} levels."


def _values(text: str) -> int:
    """Count the values of a JSON text before any is parsed; an empty array or object counts as two."""
    outside = "".join(text.replace(r"\\", "").replace(r"\"", "").split('"')[::2])
    return 1 + outside.count(",") + outside.count("[") + outside.count("{")


class _Check:
    """One pass over all values of a body."""

    def __init__(self) -> None:
        self._to_compose = MAX_TEXT

    def value(self, value: Any, place: _Place, depth: int) -> Any:
        """Return a value with its strings in NFC.

        :raise Problem: ``invalid`` at its place, ``bad_json``
        """
        if isinstance(value, str):
            return self._text(value, place)
        if not isinstance(value, dict | list):
            return value
        if depth > MAX_DEPTH:
            raise _refused(place, _TOO_DEEP)
        if isinstance(value, dict):
            # Names that differ only before NFC are one name after it.
            return _object([(self._text(key, place), self.value(item, (place, key), depth + 1))
                            for key, item in value.items()])
        return [self.value(item, (place, index), depth + 1) for index, item in enumerate(value)]

    def _text(self, text: str, place: _Place) -> str:
        if "\0" in text:
            raise _refused(place, "Must not hold a NUL character.")
        if text.isascii():
            return text
        if _SURROGATE.search(text):
            raise _refused(place, "Must not hold a lone surrogate.")
        if len(text) > MAX_TEXT:
            raise _refused(place, f"Must have at most {MAX_TEXT:,} characters.")
        _refuse_many_marks(text, place)
        if is_normalized("NFC", text):
            return text
        self._to_compose -= len(text)
        if self._to_compose < 0:
            raise _refused(place, f"Only {MAX_TEXT:,} characters of a body may need Unicode NFC; send it in NFC.")
        composed = normalize("NFC", text)
        # It may have more marks now, and a value that was accepted must be accepted again when it is sent back.
        _refuse_many_marks(composed, place)
        return composed


def _refuse_many_marks(text: str, place: _Place) -> None:
    if len(text) <= MAX_MARKS:
        return
    for hidden in _HIDDEN_MARKS:
        text = text.replace(hidden, "\u0f71")
    if _TOO_MANY_MARKS.search(bytes(map(combining, text))):
        raise _refused(place, f"Must not hold more than {MAX_MARKS} combining marks in a row.")


def _refused(place: _Place, detail: str) -> Problem:
    where = ""
    # Built only when needed: the pointer of each value may be as long as the body.
    while place:
        place, key = place
        where = pointer("", key) + where
    return invalid([member_error(where.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}"),
                                 detail)])
