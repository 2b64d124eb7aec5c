"""All statements of the service, as the text that a node gets: `statements.cql` shows them to be found and reviewed.

Red when a query is rendered differently: write the file anew with ``python -m tests.unit.test_statements``, and look at
what changed. Importing the application makes every statement, so that a worker prepares all of them when it starts.
"""

import importlib
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).with_name("statements.cql")


def rendered() -> str:
    """List the statements by name, each text once."""
    importlib.import_module("taskapp.features")
    from taskapp.cassandra.statement import registered
    from taskapp.features import AGGREGATES
    from taskapp.writepath import repair, repair_queries  # noqa: F401

    for aggregate in AGGREGATES.values():
        for projection in aggregate.projections:
            repair_queries.prepare(projection)

    texts = sorted({(each.name, each.cql, each.idempotent) for each in registered})
    return "".join(f"-- {name}{'' if idempotent else ', sent once'}\n{cql}\n" for name, cql, idempotent in texts)


def test_the_file_shows_what_is_sent() -> None:
    # In a process of its own: tests make statements, too.
    done = subprocess.run([sys.executable, "-m", "tests.unit.test_statements", "-"], cwd=FILE.parents[2],
                          capture_output=True, text=True, check=True)
    assert done.stdout == FILE.read_text()


def test_a_worker_makes_all_its_statements_when_it_starts() -> None:
    code = ("from taskapp import boot, create_app; from taskapp.settings import Settings; create_app(Settings()); "
            "from taskapp.cassandra.statement import registered; before = len(registered); "
            "from taskapp.cli.repair import repair; from taskapp.writepath import repair; "
            "assert all(each.name.startswith('repair.') for each in registered[before:])")
    subprocess.run([sys.executable, "-c", code], cwd=FILE.parents[2], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(rendered())
    else:
        FILE.write_text(rendered())
