"""Filters: what the service lists is exactly what the reference picks from all tasks, in order, page by page.

The reference is `filters.matcher` on the whole list; the service uses marks, passes and bounds to find the same tasks.

Red when: a mark is missing from a row, or stays after a change; a narrowing leaves out what it should let pass; a
stream that turns rows round, or merges several, loses or doubles one at a page's end.
"""

import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from taskapp.cassandra.mapper import names
from taskapp.features.tasks import filters
from taskapp.features.tasks.filters import Asker
from taskapp.features.tasks.models import ListedTask
from taskapp.kit import clock
from taskapp.kit.uuid_order import uuid_key
from tests.fixtures.client import Client, Task
from tests.fixtures.service import NewService

STATUSES = ("pending", "in_progress", "completed", "cancelled")
LABELS = ("ops", "home", "Büro", 'say "hi"', "rare")
WORDS = ("report", "Café", "NAÏVE", "plan", "plan9", "budget")
USERS = ("00000000-0000-4000-8000-000000000001",)
SORTS = ("-created_at", "created_at", "due_date", "-due_date")
TASKS = 260


def some(chance: random.Random, of: tuple[str, ...]) -> list[str]:
    return [each for each in of if chance.random() < (0.02 if each == "rare" else 0.25)]


def members(chance: random.Random, parents: list[str]) -> dict[str, Any]:
    """Draw the members of a task."""
    due = f"2027-0{chance.randint(1, 3)}-{chance.randint(10, 28)}"
    return {
        "title": " ".join(["task", *some(chance, WORDS)]), "description": " ".join(some(chance, WORDS)) or None,
        "status": chance.choice(STATUSES), "priority": chance.choice((0, 0, 0, 1, 2, 3, 5)),
        "due_date": chance.choice((None, due, f"{due}T12:30:00Z", "2027-02-14T00:00:00Z")),
        "labels": some(chance, LABELS), "assignees": some(chance, USERS),
        "parent_id": chance.choice(parents) if parents and chance.random() < 0.2 else None}


@pytest.fixture(scope="module")
def client(new_service: NewService, own_keyspace: str) -> Iterator[Client]:
    """Talk to a service whose buckets are small, so that lists have many partitions."""
    made = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=own_keyspace, TASKAPP_BUCKET_SIZE=30,
                              TASKAPP_BUCKET_NOTICE=0.6).url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tasks(client: Client) -> list[Task]:
    """Make tasks, and change many of them; return all, in the order of their creation."""
    chance = random.Random(20261129)
    made: list[Task] = []
    for number in range(TASKS):
        made.append(client.make(**members(chance, [each["task_id"] for each in made[:3]])))
        if number % 3 == 0:
            old = chance.choice(made[3:] or made)
            new = members(chance, [])
            kept = {name: new[name] for name in chance.sample(sorted(new), 3)}
            client.patch(f"/tasks/{old['task_id']}", json=kept).ok()
    return client.walk()[::-1]


def row(task: Task) -> ListedTask:
    """Give a task of the API the form in which the reference takes it."""
    cells = {name: task.get(name) for name in names(ListedTask)}
    return ListedTask(**{**cells, "labels": frozenset(task["labels"]),
                         "assignees": frozenset(map(uuid.UUID, task["assignees"]))})


def in_order(tasks: list[Task], sort: str) -> list[Task]:
    """Sort as the API does: null dates last in either direction."""
    field, descending = sort.lstrip("-"), sort.startswith("-")
    if field == "created_at":
        return sorted(tasks, key=lambda each: (each["created_at"], uuid_key(uuid.UUID(each["task_id"]))),
                      reverse=descending)
    parts = [[each for each in tasks if each["due_date"]], [each for each in tasks if not each["due_date"]]]
    return [each for part, key in zip(parts, ("due_date", "created_at"), strict=True)
            for each in sorted(part, key=lambda each, key=key: (  # type: ignore[misc]
                each[key], uuid_key(uuid.UUID(each["task_id"]))), reverse=descending)]


def term(chance: random.Random, tasks: list[Task]) -> str:
    """Draw a condition."""
    field = chance.choice(("status", "status", "priority", "priority", "due_date", "labels", "labels", "assignees",
                           "created_at", "title", "parent_id", "all_day", "version", "completed_at"))
    order = chance.choice(("<", "<=", ">", ">="))
    at = chance.choice(tasks)
    match field:
        case "status":
            return chance.choice((f"status = {chance.choice(STATUSES)}", f"status != {chance.choice(STATUSES)}",
                                  f"status in ({', '.join(chance.sample(STATUSES, 2))})"))
        case "priority":
            return chance.choice((f"priority {order} {chance.randint(0, 5)}", f"priority = {chance.randint(0, 5)}",
                                  "priority in (1, 5)"))
        case "due_date":
            return chance.choice(("due_date = null", "due_date != null", f"due_date {order} 2027-02-14",
                                  f"due_date {order} {at['due_date'] or 'now+90d'}", "due_date = 2027-02-14"))
        case "labels":
            return chance.choice(("labels = null", *(f"labels has {quoted(each)}" for each in LABELS)))
        case "assignees":
            return chance.choice(("assignees has me", "assignees = null"))
        case "parent_id":
            return chance.choice(("parent_id = null", f"parent_id = {at['parent_id'] or tasks[0]['task_id']}"))
        case "title":
            return f"title = {quoted(at['title'])}"
        case "all_day":
            return f"all_day = {chance.choice(('true', 'false'))}"
        case "version":
            return f"version {order} 2"
    return f"{field} {order} {at[field] or 'now'}"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def expression(chance: random.Random, tasks: list[Task], depth: int = 2) -> str:
    """Draw a filter."""
    drawn = chance.random()
    if depth == 0 or drawn < 0.25:
        return term(chance, tasks)
    if drawn < 0.4:
        return f"!({expression(chance, tasks, depth - 1)})"
    sign = chance.choice((" && ", " && ", " || "))
    return "(" + sign.join(expression(chance, tasks, depth - 1) for _ in range(chance.choice((2, 2, 3)))) + ")"


def test_there_are_many_partitions(client: Client, tasks: list[Task], tables: Any) -> None:
    assert len(tables("SELECT DISTINCT project_id, shelf, bucket FROM $ks.tasks_by_project")) > 4


@pytest.mark.parametrize("seed", range(12))
def test_the_service_lists_what_the_reference_picks(client: Client, tasks: list[Task], seed: int) -> None:
    chance = random.Random(seed)
    asker = Asker(uuid.UUID(USERS[0]), clock.now())
    for _ in range(12):
        text, sort = expression(chance, tasks), chance.choice(SORTS)
        meets = filters.matcher(filters.read(text, asker))
        wanted = [each["task_id"] for each in in_order([each for each in tasks if meets(row(each))], sort)]
        pages = list(client.pages(filter=text, sort=sort, limit=chance.choice((3, 20, 200))))
        assert [each["task_id"] for page in pages for each in page] == wanted, f"{text} by {sort}"


@pytest.mark.parametrize(("parameters", "text"), [
    ({"status": "pending"}, "status = pending"),
    ({"status": ["pending", "completed"]}, "status in (pending, completed)"),
    ({"priority": [1, 5]}, "priority in (1, 5)"), ({"label": "Büro"}, 'labels has "Büro"'),
    ({"label": ["ops", "rare"]}, "labels has ops || labels has rare"), ({"assignee": "me"}, "assignees has me"),
    ({"due_before": "2027-02-14"}, "due_date < 2027-02-14"), ({"due_after": "now-3650d"}, "due_date > now-3650d"),
    ({"parent": "none"}, "parent_id = null"),
    ({"status": "pending", "label": "ops", "filter": "priority < 3 || due_date = null"},
     "status = pending && labels has ops && (priority < 3 || due_date = null)")])
@pytest.mark.parametrize("sort", ["-created_at", "due_date"])
def test_short_forms_are_filters(client: Client, tasks: list[Task], parameters: Any, text: str, sort: str) -> None:
    short = client.walk(sort=sort, **parameters)
    assert short == client.walk(sort=sort, filter=text)
    assert 0 < len(short) < TASKS


@pytest.mark.parametrize(("q", "words"), [
    ("report", {"report"}), ("CAFE", {"café"}), ("café naive", {"café", "naïve"}), ("plan", {"plan"}), ("pla", set()),
    ("Report, budget!", {"report", "budget"})])
@pytest.mark.parametrize("sort", SORTS)
def test_words_are_found_whole_whatever_their_case(client: Client, tasks: list[Task], q: str, words: set[str],
                                                   sort: str) -> None:
    def text(task: Task) -> set[str]:
        return set(f"{task['title']} {task['description'] or ''}".lower().split())

    wanted = [each for each in in_order(tasks, sort) if words and words <= text(each)]
    assert client.walk(q=q, sort=sort) == wanted
    assert bool(wanted) == bool(words)


def test_what_changed_is_found_by_what_it_is_now(client: Client, tasks: list[Task]) -> None:
    task = client.make("Unique zebra", labels=["zoo"], priority=4)
    path = f"/tasks/{task['task_id']}"

    def found(**parameters: Any) -> bool:
        return task["task_id"] in [each["task_id"] for each in client.walk(**parameters)]

    assert found(q="zebra")
    client.patch(path, json={"title": "A lion", "labels": {"remove": ["zoo"], "add": ["savanna"]}, "priority": 1}).ok()
    assert found(q="lion")
    assert found(label="savanna", priority=1)
    assert not found(q="zebra")
    assert not found(label="zoo")
    assert not found(label="savanna", priority=4)
    client.delete(path).ok()
    assert not found(label="savanna")
    assert found(label="savanna", trash="true")
    client.delete(path, permanent="true").ok()


def test_ids_are_filtered_as_well(client: Client, tasks: list[Task]) -> None:
    ids = [each["task_id"] for each in tasks[:40]]
    wanted = [each for each in tasks[:40] if each["status"] == "pending" and each["priority"] < 3]
    assert client.get("/tasks/", ids=",".join(ids), filter="status = pending && priority < 3").ok() == wanted


def test_now_stays_the_same_for_a_walk(client: Client, tasks: list[Task]) -> None:
    # Every page asks for tasks of before the walk began, however late it comes.
    pages = client.pages(filter="created_at < now", sort="created_at", limit=200)
    first = next(pages)
    late = client.make("made during the walk")
    rest = [each for page in pages for each in page]
    assert late["task_id"] not in [each["task_id"] for each in first + rest]
    assert len(first + rest) == len(tasks)
    client.delete(f"/tasks/{late['task_id']}", permanent="true").ok()


@pytest.mark.parametrize(("text", "column"), [
    ("status", 7), ("status = done", 10), ("nothing = 1", 1), ("status = pending &&", 20), ("(status = pending", 18),
    ("status = pending)", 17), ("priority has 3", 1), ("labels = ops", 1), ("due_date < tomorrow", 12),
    ('title = "open', 9), ("priority < 3 ; x", 14), ("parent_id = 7", 13), ("priority in (1, null)", 17),
    ("!" * 9 + "(status = pending)", 9), ("status = pending | priority = 1", 18), ('title = "\\ud800"', 9),
    ('labels has "\\u0000"', 12), ("status in ()", 12), ("description = x", 1)])
def test_a_bad_filter_is_refused_with_its_column(client: Client, text: str, column: int) -> None:
    error, = client.get("/tasks/", filter=text).problem(422, "invalid", "filter")["errors"]
    assert error["column"] == column, error


@pytest.mark.parametrize(("parameter", "value"), [
    ("filter", ""), ("filter", "x" * 1025), ("q", "!?"), ("q", " ".join(f"w{number}" for number in range(17))),
    ("q", "x" * 257), ("priority", "6"), ("priority", "high"), ("label", ""), ("assignee", "Ann"), ("parent", "mine"),
    ("due_before", "soon"), ("due_after", "now+5"), ("status", "open")])
def test_a_bad_parameter_is_refused_by_name(client: Client, parameter: str, value: str) -> None:
    client.get("/tasks/", **{parameter: value}).problem(422, "invalid", parameter)


def test_a_cursor_belongs_to_its_filter(client: Client, tasks: list[Task]) -> None:
    cursor = client.get("/tasks/", filter="priority < 3", limit=1).headers["Next-Cursor"]
    client.get("/tasks/", filter="priority < 4", limit=1, cursor=cursor).problem(422, "bad_cursor", "cursor")
    client.get("/tasks/", limit=1, cursor=cursor).problem(422, "bad_cursor", "cursor")
    client.get("/tasks/", filter="priority < 3", limit=2, cursor=cursor).ok()
