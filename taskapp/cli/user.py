"""``taskapp user``: who uses the service, and what they may do in it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import orjson

from taskapp.cli.connected import checked, connected
from taskapp.settings import Settings

if TYPE_CHECKING:
    from taskapp.features.users import User


@click.group()
def user() -> None:
    """List users, and decide what they may do. WHO is an e-mail address or an id."""


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per line.")
@connected
@checked
def list_(settings: Settings, as_json: bool) -> None:
    """List all users, in no meaningful order."""
    from taskapp.features.users.admins import everyone

    for each in everyone():
        _print(each, as_json)


@user.command()
@click.argument("who")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def show(settings: Settings, who: str, as_json: bool) -> None:
    """Show a user and the projects they are in."""
    from taskapp.features.projects import of_user
    from taskapp.features.users.admins import find

    found = find(who)
    projects = [{"project_id": str(row.project_id), "name": row.name, "role": row.role,
                 "in_trash": row.deleted_at is not None} for row in of_user(found.id, settings.max_projects)]
    if as_json:
        click.echo(orjson.dumps({**_shown(found), "projects": projects}))
        return
    _print(found, False)
    for each in projects:
        trash = "  (in the trash)" if each["in_trash"] else ""
        click.echo(f"  {each['role']:7}{each['project_id']}  {each['name']}{trash}")


@user.command()
@click.argument("who")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def disable(settings: Settings, who: str, as_json: bool) -> None:
    """Keep a user from logging in, and end their tokens, within five seconds everywhere."""
    _change(settings, who, as_json, lambda service: partial(service.set_disabled, disabled=True))


@user.command()
@click.argument("who")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def enable(settings: Settings, who: str, as_json: bool) -> None:
    """Let a disabled user log in again."""
    _change(settings, who, as_json, lambda service: partial(service.set_disabled, disabled=False))


@user.command("set-admin")
@click.argument("who")
@click.option("--no", "revoke", is_flag=True, help="Make them no longer an administrator, and end their tokens.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def set_admin(settings: Settings, who: str, revoke: bool, as_json: bool) -> None:
    """Make a user an administrator; they log in again to get a token for it."""
    _change(settings, who, as_json, lambda service: partial(service.set_admin, admin=not revoke))


def _change(settings: Settings, who: str, as_json: bool, change: Callable[[Any], Callable[["User"], bool]]) -> None:
    from taskapp.features.users import UserService
    from taskapp.features.users.admins import changed

    service = UserService(settings)
    try:
        _print(changed(who, change(service)), as_json)
    finally:
        service.hasher.close()


def _print(found: "User", as_json: bool) -> None:
    shown = _shown(found)
    if as_json:
        click.echo(orjson.dumps(shown))
        return
    marks = [name for name in ("admin", "disabled") if shown[name]]
    click.echo("  ".join([shown["id"], shown["email"], shown["name"], *(f"({each})" for each in marks)]))


def _shown(found: "User") -> dict[str, Any]:
    return {"id": str(found.id), "email": found.email, "name": found.name, "admin": bool(found.admin),
            "disabled": bool(found.disabled), "created_at": f"{found.created_at.isoformat(timespec='milliseconds')}Z"}
