"""The ``taskapp`` command: one module per subcommand, imported when used."""

from importlib import import_module

import click

from taskapp.settings import BadSettings

# Subcommand: its module and function.
COMMANDS = {
    "run": "run:run",
    "node": "node:node",
    "sync-tables": "sync_tables:sync_tables",
    "migrate": "migrate:migrate",
    "repair": "repair:repair",
    "create-admin": "create_admin:create_admin",
    "user": "user:user",
    "project": "project:project",
    "demo": "demo:demo",
    "trace": "trace:trace",
    "init-wildlife": "init_wildlife:init_wildlife",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"taskapp.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
def main() -> None:
    """Run and operate taskapp."""
