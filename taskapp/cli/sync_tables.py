"""``taskapp sync-tables``: make the tables match the models."""

import click
import orjson

from taskapp.cli.connected import connected
from taskapp.settings import Settings


@click.command("sync-tables")
@click.option("--dry-run", is_flag=True, help="Print the CQL; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def sync_tables(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Make the keyspace, tables and indexes match the models, and apply the migrations.

    Safe to run at any time, and from several places at once: it works under a lock, and does nothing if nothing
    differs. Exit code 1 if the tables are newer than this release, or differ in a way that cannot be changed.
    """
    from taskapp import schema

    current = schema.current()
    texts = current.sync(settings, dry_run=dry_run)
    if as_json:
        click.echo(orjson.dumps({"dry_run": dry_run, "schema_version": current.version,
                                 "fingerprint": current.fingerprint, "statements": texts}))
        return
    for text in texts:
        click.echo(f"{text};" if not text.startswith("--") else text)
    done = "would be run" if dry_run else "run"
    click.echo(f"{len(texts)} statements {done}; schema version {current.version}" if texts else
               f"Nothing to do: the tables are at schema version {current.version}")
