"""``taskapp project``: the projects of all users, for operators."""

import uuid
from typing import TYPE_CHECKING, Any

import click
import orjson

from taskapp.cli.connected import checked, connected
from taskapp.settings import Settings

if TYPE_CHECKING:
    from taskapp.features.projects import Project


@click.group()
def project() -> None:
    """List projects, and restore or purge those in the trash."""


@project.command("list")
@click.option("--trash", is_flag=True, help="Only those in the trash.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per line.")
@connected
@checked
def list_(settings: Settings, trash: bool, as_json: bool) -> None:
    """List all projects but inboxes, in no meaningful order."""
    from taskapp.features.projects.operating import everything

    for each in everything():
        if each.deleted_at or not trash:
            _print(each, as_json)


@project.command()
@click.argument("project_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def show(settings: Settings, project_id: uuid.UUID, as_json: bool) -> None:
    """Show a project and its members."""
    from taskapp.features.projects.operating import find

    found = find(project_id)
    _print(found, as_json)
    if not as_json:
        for user_id, role in sorted(found.members.items(), key=lambda each: each[1]):
            click.echo(f"  {role:7}{user_id}")


@project.command()
@click.argument("project_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def restore(settings: Settings, project_id: uuid.UUID, as_json: bool) -> None:
    """Take a project, and with it its tasks, out of the trash."""
    from taskapp.features.projects.operating import restore as restored

    _print(restored(project_id), as_json)


@project.command()
@click.argument("project_id", type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def purge(settings: Settings, project_id: uuid.UUID, yes: bool, as_json: bool) -> None:
    """Permanently remove a project in the trash, and all its tasks.

    After an interruption, the next run goes on with what is left.
    """
    from taskapp.features.projects.operating import check_purge, forget
    from taskapp.features.tasks import TaskService
    from taskapp.kit.caller import BUILT_IN_USER
    from taskapp.localnode.progress import bars

    found = check_purge(project_id)
    if not yes:
        click.confirm(f"Permanently remove {found.name} and all its tasks?", abort=True)
    removed = 0
    with bars() as shown:
        bar = shown.add_task("tasks", total=None)

        def report() -> bool:
            nonlocal removed
            removed += 1
            shown.update(bar, completed=removed)
            return True

        TaskService(settings).remove_all(project_id, BUILT_IN_USER, report)
    forget(project_id)
    if as_json:
        click.echo(orjson.dumps({"project_id": str(project_id), "tasks": removed}))
    else:
        click.echo(f"{found.name} is gone, and {removed} tasks with it")


def _print(found: "Project", as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(_shown(found)))
        return
    state = "  (in the trash)" if found.deleted_at else "  (archived)" if found.archived else ""
    click.echo(f"{found.project_id}  {len(found.members)} members  {found.name}{state}")


def _shown(found: "Project") -> dict[str, Any]:
    return {"project_id": str(found.project_id), "name": found.name, "archived": found.archived,
            "deleted_at": found.deleted_at and f"{found.deleted_at.isoformat(timespec='milliseconds')}Z",
            "members": {str(user_id): role for user_id, role in found.members.items()}, "version": found.version}
