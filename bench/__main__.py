"""`python -m bench`: all of it, or what `--only` names."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench import cases, consistency, dump, logins, place, report, startup, stream
from bench.rounds import Case

PARTS = (*cases.NAMES, "startup", "dump", "consistency", "logins")


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), default=2.0, show_default=True, help="Length of one go.")
@click.option("--rounds", type=click.IntRange(min=1), default=12, show_default=True,
              help="Rounds; in each, every contestant goes twice.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="A part; more than once for several.")
@click.option("--idle", type=click.FloatRange(min=0), default=20.0, show_default=True,
              help="Seconds that `taskapp run` is left alone before its memory is read.")
@click.option("--large", type=click.IntRange(min=10_000), default=cases.LARGE, show_default=True,
              help="Tasks in the large project.")
@click.option("--plants", type=click.IntRange(min=1_000), default=stream.PLANTS, show_default=True,
              help="Plants in the genus that is streamed.")
@click.option("--auth", type=click.Choice(["open", "token"]), default="open", show_default=True,
              help="How the service runs in the cases get, list and post.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where the results are written.")
def main(seconds: float, rounds: int, only: tuple[str, ...], idle: float, large: int, plants: int,
         auth: str, path: Path | None) -> None:
    """Measure the service beside a floor and the tutorial's application."""
    console = Console()
    parts = only or PARTS
    results: dict[str, Any] = {**report.header(rounds, seconds), "cases": []}
    if "dump" in parts:
        results["dump"] = dump.run()
        report.show_values(console, "50 tasks to JSON objects", results["dump"])
    if "startup" in parts:
        with console.status("taskapp run, twice"):
            results["startup"] = startup.run(idle)
        report.show_values(console, "taskapp run", results["startup"])
    if "consistency" in parts:
        with console.status("") as status:
            results["consistency"] = consistency.run(rounds, seconds, status.update)
        for title, values in results["consistency"].items():
            report.show_values(console, f"three nodes: {title}", values)
    if "logins" in parts:
        with place.database(), console.status("reads, calm and beside logins"):
            results["logins"] = logins.run(rounds, seconds)
        report.show_values(console, f"reads beside {logins.LOGINS} logins a second", results["logins"])
    if set(parts) & set(cases.NAMES):
        with place.database() as database:
            def run(case: Case) -> None:
                with console.status("") as status:
                    case.run(rounds, seconds, database, lambda text: status.update(text))
                results["cases"].append(case.as_json())
                report.show(console, results["cases"][-1])

            cases.run_all(parts, run, large, plants, auth)
    console.print(f"Written to {report.keep(results, path)}")


main()
