"""``taskapp create-admin``: create an administrator, without needing an existing one."""

import os
import sys
from typing import Any

import click
import orjson

from taskapp.cli.connected import checked, connected
from taskapp.settings import Settings

PASSWORD_VARIABLE = "TASKAPP_ADMIN_PASSWORD"


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True, help="Display name.")
@click.option("--with-open-tasks", is_flag=True, help="Transfer the tasks of open mode to them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
@checked
def create_admin(settings: Settings, email: str, name: str, with_open_tasks: bool, as_json: bool) -> None:
    """Create an administrator, or make the existing user with the e-mail address EMAIL one.

    The password is read from the environment variable TASKAPP_ADMIN_PASSWORD, from standard input if that is not a
    terminal, or from a prompt. An existing user keeps theirs. Exit code 1 if the input is rejected.
    """
    from taskapp.features.users import UserService
    from taskapp.features.users.admins import make_admin

    service = UserService(settings)
    try:
        user, made = make_admin(service, email, name, _password, with_open_tasks=with_open_tasks)
    finally:
        service.hasher.close()
    if as_json:
        click.echo(orjson.dumps({"id": user.id, "email": user.email, "created": made}))
    else:
        click.echo(f"{user.email} is an administrator now{'' if made else ', with the password they had'}")


def _password() -> Any:
    if PASSWORD_VARIABLE in os.environ:
        return os.environ[PASSWORD_VARIABLE]
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)
