"""What a list's query string asks for: the filter and its short forms, which must all be met."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from taskapp.features.tasks import filters
from taskapp.features.tasks.filters import EVERYTHING, Asker, Expression, Term
from taskapp.kit import clock
from taskapp.kit.filter_syntax import And, FilterError
from taskapp.kit.problem import Problem, invalid, member_error, parameter_error
from taskapp.kit.words import words

MAX_WORDS = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """The tasks that a list asks for; parameters that were not sent are None or empty.

    :param project_id: None for all projects that the caller may read
    :param given: the short forms and the filter, by parameter
    """

    project_id: uuid.UUID | None
    trashed: bool
    sort: str
    given: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, sent: dict[str, Any]) -> "Asked":
        """Read the parameters of a request."""
        given = {name: sent[name] for name in ("filter", "q", "due_before", "due_after", "parent")}
        several = {name: tuple(sorted(sent[name])) for name in ("status", "priority", "label", "assignee")}
        return cls(sent["project"], sent["trash"], sent["sort"],
                   tuple((name, value) for name, value in {**given, **several}.items() if value not in (None, ())))

    def expression(self, asker: Asker) -> Expression:
        """Return the expression that wanted tasks meet.

        :raise Problem: ``invalid``, with the parameter that is wrong, and the column in a filter
        """
        parts = tuple(_expression(name, value, asker) for name, value in self.given)
        return And(parts) if len(parts) > 1 else parts[0] if parts else EVERYTHING


def check_filter(text: str, user_id: uuid.UUID) -> None:
    """Check a filter that is to be kept; errors point to the member ``filter``.

    :raise Problem: ``invalid``
    """
    try:
        filters.read(text, Asker(user_id, clock.now()))
    except FilterError as error:
        raise invalid([{**member_error("/filter", error.detail), "column": error.column}]) from None


def _expression(name: str, value: Any, asker: Asker) -> Expression:
    try:
        match name:
            case "filter":
                return filters.read(value, asker)
            case "q":
                return _words(value)
            case "due_before" | "due_after":
                return filters.term("due_date", "<" if name == "due_before" else ">", value, asker)
            case "parent":
                return filters.term("parent_id", "=", None if value == "none" else value, asker)
            case "assignee":
                return filters.any_of("assignees", _each("assignees", value, asker))
            case "label":
                return filters.any_of("labels", value)
    except FilterError as error:
        column = {"column": error.column} if name == "filter" else {}
        raise invalid([{**parameter_error(name, error.detail), **column}]) from None
    return filters.any_of(name, value)


def _each(field: str, texts: Iterable[str], asker: Asker) -> list[filters.Value]:
    return [value for text in texts for value in filters.term(field, "has", text, asker).values]


def _words(text: str) -> Term:
    found = tuple(sorted(words(text)))
    if not found:
        raise _refused("Holds no word.")
    if len(found) > MAX_WORDS:
        raise _refused(f"Must hold at most {MAX_WORDS} words.")
    return Term("words", "has", found)


def _refused(detail: str) -> Problem:
    return invalid([parameter_error("q", detail)])
