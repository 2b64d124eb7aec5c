"""Filters: which tasks of a list are wanted, as typed expressions.

``read`` turns a filter's text into terms that name fields of a task and have values of their kind; ``matcher`` turns
an expression into a function on rows. What a filter means is decided here alone; how it is answered is decided by
`plans.py`, which may narrow what is read, but never decides whether a task is wanted.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf

from taskapp.features.tasks.schemas import TaskSchema
from taskapp.kit import clock, filter_syntax
from taskapp.kit.fields import Id, SetOf, Time, parse_id
from taskapp.kit.filter_syntax import And, FilterError, Literal, Not, Or
from taskapp.kit.words import words

Value = str | int | bool | uuid.UUID | None
_NOT_FILTERED = ("description", "metadata")
_FIELDS = {name: field for name, field in TaskSchema().fields.items() if name not in _NOT_FILTERED}
_USERS = ("created_by", "assignees")
_EQUAL = ("=", "!=", "in")
_ORDERED = ("<", "<=", ">", ">=")
_NOW = re.compile(r"now(?:([+-]\d{1,9})([dhm]))?")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on one field; ``words`` is the field that ``q`` searches, whose value is the set of its words.

    :param operator: ``=``, ``<``, ``<=``, ``>``, ``>=``, ``in`` or ``has``
    :param values: what it is compared with, in the form that rows have: times and ids as text, assignees as UUIDs
    """

    field: str
    operator: str
    values: tuple[Value, ...]


Expression = Term | Not | And | Or
EVERYTHING = And(())


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: what ``me`` and ``now`` mean."""

    user_id: uuid.UUID
    now: datetime


def read(text: str, asker: Asker) -> Expression:
    """Read a filter.

    :raise FilterError: it is no filter, or names a field or a value that there is not
    """
    return _typed(filter_syntax.parse(text), asker)


def term(field: str, operator: str, text: str | None, asker: Asker) -> Term:
    """Return the term of a short form that is sent once.

    :raise FilterError: the text is not a value of the field; its column means nothing
    """
    value = None if text is None else _value(field, _FIELDS[field], Literal(text, text != "me", 1), asker)
    return Term(field, operator, (value,))


def any_of(field: str, values: Iterable[Value]) -> Expression:
    """Return the expression of a short form, which wants any of several values."""
    if isinstance(_FIELDS[field], SetOf):
        return Or(tuple(Term(field, "has", (each,)) for each in values))
    return Term(field, "in", tuple(values))


def _typed(parsed: filter_syntax.Expression, asker: Asker) -> Expression:
    match parsed:
        case Not(inner):
            return Not(_typed(inner, asker))
        case And(parts):
            return And(tuple(_typed(each, asker) for each in parts))
        case Or(parts):
            return Or(tuple(_typed(each, asker) for each in parts))
    return _term(parsed, asker)


def _term(comparison: filter_syntax.Comparison, asker: Asker) -> Expression:
    field = _FIELDS.get(comparison.field)
    if field is None:
        raise FilterError(f"No field that can be filtered by: {comparison.field[:64]}.", comparison.column)
    if comparison.operator not in _operators(field, comparison):
        raise FilterError(f"{comparison.field} cannot be compared with {comparison.operator}.", comparison.column)
    values = tuple(_value(comparison.field, field, each, asker) for each in comparison.values)
    if None in values and comparison.operator not in ("=", "!="):
        raise FilterError("null can only be compared with = and !=.", comparison.values[values.index(None)].column)
    if comparison.operator != "!=":
        return Term(comparison.field, comparison.operator, values)
    equal = Term(comparison.field, "=", values)
    if values == (None,):
        return Not(equal)
    # Null is not unequal to anything: a comparison with it is false.
    return And((Not(equal), Not(Term(comparison.field, "=", (None,)))))


def _operators(field: fields.Field[Any], comparison: filter_syntax.Comparison) -> tuple[str, ...]:
    if isinstance(field, SetOf):
        null = [each for each in comparison.values if each.text == "null" and not each.quoted]
        return ("has", "=", "!=") if null else ("has",)
    if isinstance(field, fields.Boolean):
        return ("=", "!=")
    return (*_EQUAL, *_ORDERED) if isinstance(field, Time | fields.Integer) else _EQUAL


def _value(name: str, field: fields.Field[Any], literal: Literal, asker: Asker) -> Value:
    text = unicodedata.normalize("NFC", literal.text)
    if not literal.quoted and text == "null":
        return None
    if name in _USERS and text == "me" and not literal.quoted:
        return asker.user_id if name == "assignees" else str(asker.user_id)
    inner = field.inner if isinstance(field, SetOf) else field
    found = _read(inner, text, asker)
    if found is None:
        raise FilterError(f"Not a value of {name}: {_wanted(inner)}.", literal.column)
    return uuid.UUID(str(found)) if name == "assignees" else found


def _read(field: fields.Field[Any], text: str, asker: Asker) -> Value:
    if isinstance(field, Id):
        found = parse_id(text)
        return str(found) if found else None
    if isinstance(field, Time):
        return _time(text, asker.now)
    if isinstance(field, fields.Integer):
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) else None
    if isinstance(field, fields.Boolean):
        return {"true": True, "false": False}.get(text)
    choices = _choices(field)
    return text if not choices or text in choices else None


def _choices(field: fields.Field[Any]) -> tuple[str, ...]:
    return next((tuple(each.choices) for each in field.validators if isinstance(each, OneOf)), ())


def _wanted(field: fields.Field[Any]) -> str:
    if isinstance(field, Id):
        return "a UUID is wanted"
    if isinstance(field, Time):
        return "a time is wanted, such as 2027-01-15, 2027-01-15T12:00:00Z, now or now+7d"
    if isinstance(field, fields.Integer):
        return "a whole number is wanted"
    if isinstance(field, fields.Boolean):
        return "true or false is wanted"
    return f"one of {', '.join(_choices(field))} is wanted"


def _time(text: str, now: datetime) -> str | None:
    if shift := _NOW.fullmatch(text):
        amount, unit = shift.groups()
        try:
            return clock.rfc3339(now + timedelta(**{_UNITS[unit]: int(amount)}) if amount else now)
        except OverflowError:
            return None
    try:
        found: datetime = Time().deserialize(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except ValidationError:
        return None
    return clock.rfc3339(found)


# -- Meaning

Matcher = Callable[[Any], bool]


def matcher(expression: Expression) -> Matcher:
    """Turn an expression into a function that tells whether a row is wanted.

    A comparison with a null value is false, except for equality with null.

    :return: a function of a row whose ids and times are text, such as ``ListedTask``
    """
    match expression:
        case Not(inner):
            met = matcher(inner)
            return lambda row: not met(row)
        case And(parts):
            every = [matcher(each) for each in parts]
            return lambda row: all(each(row) for each in every)
        case Or(parts):
            some = [matcher(each) for each in parts]
            return lambda row: any(each(row) for each in some)
    return _met(expression)


def _met(term: Term) -> Matcher:
    name, wanted = term.field, term.values
    if name == "words":
        needed = frozenset(wanted)
        return lambda row: needed <= words(row.title) | words(row.description)
    if isinstance(_FIELDS[name], SetOf):
        if term.operator == "=":
            return lambda row: not getattr(row, name)
        member, = wanted
        return lambda row: member in getattr(row, name)
    if term.operator in ("=", "in"):
        return lambda row: getattr(row, name) in wanted
    compare = _COMPARE[term.operator]
    bound = wanted[0]
    return lambda row: (value := getattr(row, name)) is not None and compare(value, bound)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, bound: value < bound, "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound, ">=": lambda value, bound: value >= bound}
