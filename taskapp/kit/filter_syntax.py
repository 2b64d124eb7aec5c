"""The syntax of filters: ``status in (pending, in_progress) && due_date < now+7d && !(labels has "ops")``.

A recursive-descent parser that knows comparisons, ``&&``, ``||``, ``!`` and parentheses, but no field; which fields
there are, and what a literal means, is the caller's. Every error has the column, from 1, of what is wrong.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_FILTER_LENGTH, MAX_FILTER_DEPTH = 1_024, 8
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

_TOKENS = re.compile(r"""
    (?P<space>\s+)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<time>\d{4}-\d\d-\d\d[Tt ][0-9:.]+(?:[Zz]|[+-]\d\d:?\d\d)?)
  | (?P<now>now[+-]\d{1,9}[dhm](?![\w-]))
  | (?P<word>[\w-]+)
  | (?P<sign>&&|\|\||<=|>=|!=|[=<>!(),])
""", re.VERBOSE)


class FilterError(ValueError):
    """What is wrong with a filter, and where.

    :ivar column: from 1
    """

    def __init__(self, detail: str, column: int) -> None:
        super().__init__(detail)
        self.detail, self.column = detail, column


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written; a quoted one is never a keyword."""

    text: str
    quoted: bool
    column: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field, an operator (one of ``COMPARISONS``, ``in`` or ``has``), and the values it is compared with."""

    field: str
    operator: str
    values: tuple[Literal, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    """What does not meet an expression."""

    inner: Any


@dataclass(frozen=True, slots=True)
class And:
    """What meets all of several expressions."""

    parts: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What meets at least one of several expressions."""

    parts: tuple[Any, ...]


Expression = Comparison | Not | And | Or


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(text: str) -> Expression:
    """Parse a filter of at most 1,024 characters in which at most 8 parentheses and ``!`` are open at once.

    :raise FilterError: it is not a filter
    """
    if len(text) > MAX_FILTER_LENGTH:
        raise FilterError(f"Longer than {MAX_FILTER_LENGTH} characters.", MAX_FILTER_LENGTH + 1)
    return _Parser(text).whole()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if not found:
            what = "This string has no end." if text[at] == '"' else f"Unexpected character {text[at]!r}."
            raise FilterError(what, at + 1)
        if found.lastgroup != "space":
            yield _Token(found.lastgroup or "", found[0], at + 1)
        at = found.end()
    yield _Token("end", "the end", len(text) + 1)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def whole(self) -> Expression:
        found = self._any()
        if self._next.kind != "end":
            self._fail("&&, || or the end")
        return found

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._takes("||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Expression:
        opening = self._next
        if not (self._takes("!") or self._takes("(")):
            return self._comparison()
        if self._depth == MAX_FILTER_DEPTH:
            raise FilterError(f"More than {MAX_FILTER_DEPTH} parentheses and ! are open here.", opening.column)
        self._depth += 1
        found = Not(self._one()) if opening.text == "!" else self._inside()
        self._depth -= 1
        return found

    def _inside(self) -> Expression:
        found = self._any()
        self._expect(")", "&&, || or )")
        return found

    def _comparison(self) -> Comparison:
        field = self._next
        if field.kind != "word":
            self._fail("a field")
        self._at += 1
        operator = self._next
        if operator.text not in (*COMPARISONS, "in", "has") or operator.kind == "string":
            self._fail("=, !=, <, <=, >, >=, in or has")
        self._at += 1
        values = self._several() if operator.text == "in" else (self._value(),)
        return Comparison(field.text, operator.text, values, field.column)

    def _several(self) -> tuple[Literal, ...]:
        self._expect("(", "(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._expect(")", ", or )")
        return tuple(values)

    def _value(self) -> Literal:
        token = self._next
        if token.kind not in ("string", "word", "time", "now"):
            self._fail("a value")
        self._at += 1
        if token.kind != "string":
            return Literal(token.text, False, token.column)
        try:
            text: str = json.loads(token.text)
            text.encode()
        except ValueError:
            raise FilterError("Not a JSON string of valid text.", token.column) from None
        if "\0" in text:
            raise FilterError("Must not hold a NUL character.", token.column)
        return Literal(text, True, token.column)

    def _takes(self, sign: str) -> bool:
        found = self._next.kind == "sign" and self._next.text == sign
        self._at += found
        return found

    def _expect(self, sign: str, expected: str) -> None:
        if not self._takes(sign):
            self._fail(expected)

    def _fail(self, expected: str) -> NoReturn:
        found = self._next
        raise FilterError(f"Expected {expected}, not {found.text}.", found.column)
