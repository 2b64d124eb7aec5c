"""What filters mean: cases decided by hand, which the page's filters must meet as well.

Red when: a comparison with null is true; `!` of one is false; a time without an offset is not taken for UTC.
"""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import filters
from taskapp.features.tasks.asked import Asked
from taskapp.features.tasks.filters import Asker
from taskapp.features.tasks.models import ListedTask
from taskapp.kit import clock

DATA: dict[str, Any] = json.loads((Path(__file__).parents[3] / "data" / "filters.json").read_text())
ASKER = Asker(uuid.UUID(DATA["me"]), clock.parsed(DATA["now"]))


def row(task: dict[str, Any]) -> ListedTask:
    """Give a task of the API the form in which filters take it."""
    cells = {name: task.get(name) for name in names(ListedTask)}
    return ListedTask(**{**cells, "labels": frozenset(task["labels"]),
                         "assignees": frozenset(map(uuid.UUID, task["assignees"]))})


TASKS = {name: row({**DATA["defaults"], **own}) for name, own in DATA["tasks"].items()}


@pytest.mark.parametrize(("text", "wanted"), DATA["cases"])
def test_cases(text: str, wanted: list[str]) -> None:
    meets = filters.matcher(filters.read(text, ASKER))
    assert [name for name, task in TASKS.items() if meets(task)] == wanted


@pytest.mark.parametrize(("q", "wanted"), [
    ("cafe", ["done"]), ("the SERVER", ["urgent"]), ("ser", []), ("hi", ["child"])])
def test_words(q: str, wanted: list[str]) -> None:
    sent = {"trash": False, "sort": "-created_at",
            **dict.fromkeys(("project", "filter", "due_before", "due_after", "parent")),
            **dict.fromkeys(("status", "priority", "label", "assignee"), ()), "q": q}
    meets = filters.matcher(Asked.of(sent).expression(ASKER))
    assert [name for name, task in TASKS.items() if meets(task)] == wanted
