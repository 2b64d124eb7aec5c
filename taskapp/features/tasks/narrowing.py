"""Narrowing: what every task that meets an expression has, in terms that the tables can be asked for.

An expression becomes a few conjunctions, and each of them the marks and bounds that it implies. They may let more tasks
pass than are wanted, never fewer: whoever reads rows still asks the matcher about each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from types import SimpleNamespace
from typing import Any

from taskapp.features.tasks import filters, marks
from taskapp.features.tasks.filters import Expression, Term
from taskapp.features.tasks.schemas import MAX_PRIORITY, STATUSES
from taskapp.kit import clock
from taskapp.kit.filter_syntax import And, Not, Or
from taskapp.kit.words import words

MAX_CONJUNCTIONS = 8
PRIORITIES = range(MAX_PRIORITY + 1)
# A term, and whether it must be met or must not.
Signed = tuple[Term, bool]
Bounds = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What every task has that meets a conjunction.

    :param statuses: it has one of these
    :param priorities: it has one of these
    :param anchors: of each group of marks it has at least one
    :param words: marks of words, which only the list by creation has
    :param due: its due date is within these bounds, both included; no bounds if it may have none
    :param created: its creation is within these bounds
    """

    statuses: tuple[str, ...]
    priorities: tuple[int, ...]
    anchors: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    due: Bounds
    created: Bounds


def narrowed(expression: Expression) -> list[Narrowing] | None:
    """Return a narrowing for each conjunction of an expression; None if it has too many."""
    found = _conjunctions(expression, wanted=True)
    if found is None:
        return None
    return [each for each in map(_narrowing, dict.fromkeys(found)) if each.statuses and each.priorities]


def _conjunctions(expression: Expression, *, wanted: bool) -> list[frozenset[Signed]] | None:
    """Bring an expression into disjunctive normal form."""
    match expression:
        case Not(inner):
            return _conjunctions(inner, wanted=not wanted)
        case And(parts) | Or(parts):
            every = [_conjunctions(each, wanted=wanted) for each in parts]
            known = [each for each in every if each is not None]
            if len(known) < len(every):
                return None
            together = isinstance(expression, And) is wanted
            return _product(known) if together else _limited(each for some in known for each in some)
    return [frozenset({(expression, wanted)})]


def _product(parts: list[list[frozenset[Signed]]]) -> list[frozenset[Signed]] | None:
    size = 1
    for part in parts:
        size *= len(part)
    return None if size > MAX_CONJUNCTIONS else [frozenset().union(*each) for each in product(*parts)]


def _limited(found: Iterable[frozenset[Signed]]) -> list[frozenset[Signed]] | None:
    some = list(dict.fromkeys(found))
    return some if len(some) <= MAX_CONJUNCTIONS else None


def _narrowing(conjunction: frozenset[Signed]) -> Narrowing:
    statuses = tuple(each for each in STATUSES if _allows(conjunction, "status", each))
    priorities = tuple(each for each in PRIORITIES if _allows(conjunction, "priority", each))
    met = sorted((term for term, wanted in conjunction if wanted), key=repr)
    return Narrowing(statuses, priorities, tuple(_anchors(met, statuses, priorities)),
                     tuple(marks.word(each) for term in met for each in _words(term)),
                     _bounds(met, "due_date"), _bounds(met, "created_at"))


def _allows(conjunction: frozenset[Signed], field: str, value: Any) -> bool:
    row = SimpleNamespace(**{field: value})
    return all(filters.matcher(term)(row) is wanted for term, wanted in conjunction if term.field == field)


def _anchors(met: list[Term], statuses: tuple[str, ...], priorities: tuple[int, ...]) -> Iterable[tuple[str, ...]]:
    for term in met:
        match term:
            case Term("labels", "has", (value,)):
                yield (marks.label(str(value)),)
            case Term("assignees", "has", (value,)):
                yield (f"a:{value}",)
            case Term("assignees", "=", _):
                yield (marks.NOBODY,)
            case Term("due_date", "=", (None,)):
                yield (marks.NO_DATE,)
            case Term("parent_id", "=" | "in", values) if None not in values:
                yield tuple(marks.child_of(str(each)) for each in values)
    if statuses == marks.OPEN_STATUSES:
        yield (marks.OPEN,)
    elif len(statuses) < len(STATUSES):
        yield tuple(map(marks.status, statuses))
    if len(priorities) < len(PRIORITIES):
        yield tuple(map(marks.priority, priorities))


def _words(term: Term) -> Iterable[str]:
    match term:
        case Term("words", _, values):
            return map(str, values)
        case Term("title", "=", (str(title),)):
            return sorted(words(title))
    return ()


def _bounds(met: list[Term], field: str) -> Bounds:
    """Combine the bounds of all terms on a time; they are included, which lets at most a moment too much pass."""
    lows = [_time(each) for each in met if each.field == field and each.operator in (">", ">=", "=") and _time(each)]
    highs = [_time(each) for each in met if each.field == field and each.operator in ("<", "<=", "=") and _time(each)]
    return (max((each for each in lows if each), default=None), min((each for each in highs if each), default=None))


def _time(term: Term) -> datetime | None:
    value = term.values[0]
    return clock.parsed(value) if isinstance(value, str) else None
