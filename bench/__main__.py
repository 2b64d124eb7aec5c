"""`python -m bench`: all of it, or what `--only` names."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench import cases, dump, place, report, startup
from bench.rounds import Case

PARTS = (*cases.NAMES, "startup", "dump")


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), default=5.0, show_default=True, help="Length of one go.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True,
              help="Rounds; in each, every contestant goes twice.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="A part; more than once for several.")
@click.option("--idle", type=click.FloatRange(min=0), default=20.0, show_default=True,
              help="Seconds that `taskapp run` is left alone before its memory is read.")
@click.option("--large", type=click.IntRange(min=10_000), default=cases.LARGE, show_default=True,
              help="Tasks in the large project.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Where the results are written.")
def main(seconds: float, rounds: int, only: tuple[str, ...], idle: float, large: int, path: Path | None) -> None:
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
    if set(parts) & set(cases.NAMES):
        with place.database() as database:
            def run(case: Case) -> None:
                with console.status("") as status:
                    case.run(rounds, seconds, database, lambda text: status.update(text))
                results["cases"].append(case.as_json())
                report.show(console, results["cases"][-1])

            cases.run_all(parts, run, large)
    console.print(f"Written to {report.keep(results, path)}")


main()
