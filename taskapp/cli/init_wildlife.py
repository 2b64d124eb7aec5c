"""``taskapp init-wildlife``: add the wildlife tutorial's animals and plants."""

import click
import orjson

from taskapp.cli.connected import connected
from taskapp.settings import Settings


@click.command("init-wildlife")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def init_wildlife(settings: Settings, as_json: bool) -> None:
    """Create the tables, as sync-tables does, and add the wildlife tutorial's animals and plants.

    Safe to run again: it adds what is missing and leaves existing rows unchanged. Exit code 1 if the tables are newer
    than this release or the database does not answer.
    """
    from taskapp import schema
    from taskapp.features.wildlife import sample
    from taskapp.localnode.progress import bars

    schema.current().sync(settings)
    with bars() as shown:
        bar = shown.add_task("animals and plants", total=sample.OF)
        added = sample.fill(lambda done: shown.update(bar, completed=done))
    click.echo(orjson.dumps({"added": added, "of": sample.OF}) if as_json else
               f"{added['animals']} animals and {added['plants']} plants added; all {sample.OF} are there")
