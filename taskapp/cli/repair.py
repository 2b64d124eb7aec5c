"""``taskapp repair``: check the projections against the truth."""

from typing import Any

import click
import orjson

from taskapp.cli.connected import connected
from taskapp.settings import Settings


@click.command("repair")
@click.option("--check", is_flag=True, help="Count disagreements; repair nothing.")
@click.option("--anew", is_flag=True, help="Start over, even if an earlier run was interrupted.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def repair(settings: Settings, check: bool, anew: bool, as_json: bool) -> None:
    """Compare every list of every project with the tasks, and recompute what disagrees.

    Safe to run while the service is running. After an interruption, the next run resumes where it stopped. Exit code 1
    if rows disagree at the end.
    """
    from taskapp import schema
    from taskapp.features import AGGREGATES
    from taskapp.localnode.progress import bars
    from taskapp.writepath.repair import repair as walk

    if reason := schema.current().differs():
        raise click.ClickException(reason)
    with bars() as shown:
        known: dict[str, Any] = {}

        def report(name: str, fraction: float, _: object) -> None:
            if name not in known:
                known[name] = shown.add_task(name, total=1.0)
            shown.update(known[name], completed=fraction)

        counts = walk(AGGREGATES.values(), check=check, anew=anew, report=report)
    kinds = [f"{kind}s" for kind in AGGREGATES]
    found = {name: counts[name] for name in (*kinds, "rows", "missing", "different", "stray", "unmended")}
    wrong = found["missing"] + found["different"] + found["stray"]
    left = wrong if check else found["unmended"]
    if as_json:
        click.echo(orjson.dumps({**found, "check": check, "mended": wrong - left}))
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in found.items()))
        click.echo("All agree" if not left else f"{left} disagree")
    if left:
        raise SystemExit(1)
