"""``taskapp migrate``: what `sync_table` cannot do."""

from dataclasses import asdict

import click
import orjson

from taskapp.cli.connected import connected
from taskapp.settings import Settings


@click.group("migrate")
def migrate() -> None:
    """Show and apply migrations."""


@migrate.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def status(settings: Settings, as_json: bool) -> None:
    """List the migrations with their state in the ledger; exit code 1 if one has drifted or is unknown."""
    from taskapp import schema
    from taskapp.cassandra.schema import migrations

    found = migrations.status(schema.current().migrations)
    if as_json:
        click.echo(orjson.dumps([asdict(each) for each in found]))
    else:
        for each in found:
            drift = "  the file was changed after it was applied" if each.drifted else ""
            click.echo(f"{each.number:04}  {each.state:8}  {each.changed_at or '-':24}  {each.name}{drift}")
    if any(each.drifted or each.state == "unknown" for each in found):
        raise SystemExit(1)


@migrate.command("up")
@click.option("--dry-run", is_flag=True, help="Print the steps; change nothing.")
@connected
def up(settings: Settings, dry_run: bool) -> None:
    """Apply pending migrations and resume an interrupted one, under the schema lock."""
    from taskapp import schema

    for text in schema.current().migrate(settings, dry_run=dry_run):
        click.echo(text)
    click.echo("Nothing was changed" if dry_run else "Done")
