"""``taskapp demo``: a project with members and lively tasks, for first looks, pictures and the bench."""

import random
import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import orjson

from taskapp.cli.connected import checked, connected
from taskapp.settings import Settings

if TYPE_CHECKING:
    from taskapp.features.tasks import TaskService

MEMBERS = (("Ada Moreau", "admin"), ("Ben Okafor", "editor"), ("Chiyo Tanaka", "editor"), ("Dora Lindqvist", "viewer"))
DOES = ("Write", "Review", "Fix", "Plan", "Test", "Translate", "Measure", "Draw", "Publish", "Clean up")
WHAT = ("the launch page", "the price list", "the onboarding mails", "the release notes", "the import of old orders",
        "the press kit", "the search index", "the payment form", "the demo video", "the support rota",
        "the privacy notice", "the nightly backup", "the Büro move", "the café report", "the sign-up form")
LABELS = ("ops", "design", "copy", "legal", "launch", "bug", "idea")
NOTES = (None, None, "Ask support what customers say about it.", "The numbers are in the shared folder.",
         "Two rounds of review, then it goes out.", "See what the others do, and do it shorter.")
STATUSES = ("pending", "pending", "pending", "in_progress", "in_progress", "completed", "completed", "completed",
            "cancelled")
VIEWS = ({"name": "Due this week", "filter": "status in (pending, in_progress) && due_date < now+7d",
          "sort": "due_date"},
         {"name": "Mine, urgent first", "filter": "assignees has me && priority >= 4"},
         {"name": "Nobody's", "filter": "assignees = null && status = pending"})


@click.command()
@click.option("--for", "who", help="E-mail address or id of the user whose project it is; open mode has one user.")
@click.option("--tasks", "count", default=300, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def demo(settings: Settings, who: str | None, count: int, as_json: bool) -> None:
    """Create a project with four members, saved views and tasks with a past of some weeks.

    Each run creates another project, and members who cannot log in. Exit code 1 if there is no such user.
    """
    from taskapp.localnode.progress import bars

    team = _team(settings, who)
    with bars() as shown:
        bar = shown.add_task("tasks", total=count)
        for _ in _tasks(team, count):
            shown.advance(bar)
    if as_json:
        click.echo(orjson.dumps({"project_id": str(team.project_id), "tasks": count,
                                 "members": [str(each) for each in team.members]}))
    else:
        click.echo(f"Spring launch has {count} tasks: project {team.project_id}")


class _Team(NamedTuple):
    service: "TaskService"
    project_id: uuid.UUID
    members: list[uuid.UUID]


def _team(settings: Settings, who: str | None) -> _Team:
    from taskapp.features.projects import MemberService, ProjectService
    from taskapp.features.tasks import TaskService
    from taskapp.features.users import UserService
    from taskapp.features.users.admins import find
    from taskapp.features.views import ViewService
    from taskapp.kit import clock
    from taskapp.kit.caller import BUILT_IN_USER
    from taskapp.kit.operation import Operation

    if who is None and settings.auth != "open":
        raise click.ClickException("Name the user whose project it is to be: --for EMAIL.")
    owner = BUILT_IN_USER if who is None else find(who).id
    users, projects = UserService(settings), ProjectService(settings)
    begin = clock.now() - timedelta(days=45)
    try:
        made = projects.create(_caller(owner), Operation(owner, begin, clock.new_id()), {
            "name": "Spring launch", "description": "All that has to be ready by March.", "color": "#1f6feb"})
        team = [owner]
        for name, role in MEMBERS:
            user = users.make(clock.new_id(), {"name": name, "email": _address(name),
                                               "password": secrets.token_urlsafe(24)}, admin=False)
            MemberService(settings, projects, users).add(
                _caller(owner), Operation.new(owner), made.project_id, user.id, role)
            team.append(user.id)
    finally:
        users.hasher.close()
    for view in VIEWS:
        ViewService(settings, projects.memberships).create(
            _caller(owner), Operation.new(owner), {**view, "project_id": str(made.project_id)})
    return _Team(TaskService(settings, projects.memberships), made.project_id, team)


def _tasks(team: _Team, count: int) -> Iterator[None]:
    """Create tasks, and change most of them afterwards, one at a time."""
    from taskapp.kit import clock

    chance, now = random.Random(7), clock.now()
    writers, parents = team.members[:-1], list[str]()
    for number in range(count):
        at = now - timedelta(minutes=chance.randint(60, 60 * 24 * 40))
        actor = chance.choice(writers)
        body = {**_body(chance, now, team.members), "project_id": str(team.project_id)}
        if parents and chance.random() < 0.15:
            body["parent_id"] = chance.choice(parents)
        task = team.service.create(_caller(actor), _at(actor, at), body)
        if number % 10 == 0:
            parents.append(str(task.task_id))
        for change in _changes(chance):
            at = min(now, at + timedelta(minutes=chance.randint(5, 60 * 24 * 5)))
            actor = chance.choice(writers)
            team.service.patch(_caller(actor), _at(actor, at), task.task_id, None, change)
        if chance.random() < 0.02:
            team.service.trash(_caller(actor), _at(actor, now), task.task_id, None)
        yield


def _body(chance: random.Random, now: datetime, members: list[uuid.UUID]) -> dict[str, Any]:
    due = (now + timedelta(days=chance.randint(-20, 45))).date()
    time = f"{due}T{chance.randint(7, 18):02}:{chance.choice((0, 15, 30, 45)):02}:00Z"
    return {"title": f"{chance.choice(DOES)} {chance.choice(WHAT)}", "description": chance.choice(NOTES),
            "priority": chance.choice((0, 0, 0, 1, 2, 3, 4, 5)), "due_date": chance.choice((None, str(due), time)),
            "labels": chance.sample(LABELS, chance.choice((0, 1, 1, 2))),
            "assignees": [str(each) for each in chance.sample(members, chance.choice((0, 1, 1, 1, 2)))]}


def _changes(chance: random.Random) -> Iterator[dict[str, Any]]:
    status = chance.choice(STATUSES)
    if status == "completed":
        yield {"status": "in_progress"}
    if status != "pending":
        yield {"status": status}
    if chance.random() < 0.2:
        yield {"labels": {"add": [chance.choice(LABELS)]}, "priority": chance.randint(0, 5)}


def _caller(user_id: uuid.UUID) -> Any:
    from taskapp.kit.caller import Caller, grantable

    return Caller(user_id, grantable(admin=False))


def _at(actor: uuid.UUID, at: datetime) -> Any:
    from taskapp.kit import clock
    from taskapp.kit.operation import Operation

    return Operation(actor, at, clock.new_id())


def _address(name: str) -> str:
    return f"{name.split()[0].lower()}.{secrets.token_hex(6)}@example.com"
