"""The results: a table to read, and JSON to keep."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench import load

RESULTS = Path(__file__).with_name("results")


def header(rounds: int, seconds: float) -> dict[str, object]:
    """Say where and how it was measured."""
    described = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": described.stdout.strip() or None,
            "python": platform.python_version(), "machine": platform.machine(), "cores": psutil.cpu_count(),
            "load_before": round(psutil.getloadavg()[0], 2), "generator": load.generator(),
            "connections": load.CONNECTIONS, "rounds": rounds, "seconds": seconds}


def show(console: Console, case: dict[str, Any]) -> None:
    """Print one case."""
    table = Table(title=case["title"], title_justify="left")
    for name in ("", "req/s", "app CPU ms", "DB CPU ms", "p50 ms", "p99 ms", "failed"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for name, each in case["contestants"].items():
        table.add_row(name, f"{each['requests_per_second']:.0f}", f"{each['app_cpu_ms']:.2f}",
                      "–" if each["database_cpu_ms"] is None else f"{each['database_cpu_ms']:.2f}",
                      f"{each['p50_ms']:.1f}", f"{each['p99_ms']:.1f}",
                      f"[red]{each['failed']}[/red]" if each["failed"] else "0")
    console.print(table)
    for goal in case["goals"]:
        mark = "[green]met[/green]" if goal["met"] else "[red]missed[/red]"
        console.print(f"  {goal['of']} / {goal['against']}: [bold]{goal['ratio']:.2f}[/bold] "
                      f"({goal['least']:.2f}–{goal['most']:.2f}), goal {goal['goal']}: {mark}")
    console.print()


def show_values(console: Console, title: str, values: dict[str, Any]) -> None:
    """Print what is no comparison under load."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in values.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    console.print()


def keep(results: dict[str, Any], path: Path | None) -> Path:
    """Write the JSON."""
    path = path or RESULTS / f"{results['at'].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    return path
