"""Reading JSON without mercy: what two readers could take differently is refused.

400 ``bad_json`` for what is not JSON, not UTF-8, or repeats a member; 422 ``invalid`` for JSON that cannot be a value
here: nested too deep, a NUL, a lone surrogate.
"""

import json
from typing import Any, NoReturn
from unicodedata import normalize

from taskapp.kit.problem import Problem, invalid, member_error

MAX_DEPTH = 16


def loads(body: bytes) -> Any:
    """Read one JSON text; strings come out in Unicode NFC.

    :raise Problem: ``bad_json`` or ``invalid``
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("bad_json", f"The body is not UTF-8 at byte {error.start}.") from None
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Problem("bad_json", f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
                      ) from None
    except RecursionError:
        raise _too_deep("") from None
    return _checked(value, "", 1)


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
    # Python refuses to convert thousands of digits; no field holds such a number either.
    return int(digits) if len(digits) <= 20 else float("inf")


def _no_constant(name: str) -> NoReturn:
    raise Problem("bad_json", f"The body is not JSON: {name} is no JSON value.")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_constant)


def _checked(value: Any, where: str, depth: int) -> Any:
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        raise _too_deep(where)
    if isinstance(value, dict):
        # Names that differ before NFC alone are one name after it.
        return _object([(_text(key, where), _checked(item, pointer(where, key), depth + 1))
                        for key, item in value.items()])
    if isinstance(value, list):
        return [_checked(item, pointer(where, index), depth + 1) for index, item in enumerate(value)]
    return value


def _text(text: str, where: str) -> str:
    if text.isascii():
        if "\0" in text:
            raise invalid([member_error(_printable(where), "Must not hold a NUL character.")])
        return text
    if "\0" in text:
        raise invalid([member_error(_printable(where), "Must not hold a NUL character.")])
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise invalid([member_error(_printable(where), "Must not hold a lone surrogate.")])
    return normalize("NFC", text)


def _printable(where: str) -> str:
    return where.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _too_deep(where: str) -> Problem:
    return invalid([member_error(_printable(where)[:200], f"Nested deeper than {MAX_DEPTH} levels.")])
