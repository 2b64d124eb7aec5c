"""Every statement of a request is prepared when a worker starts: preparing may take longer than a request's budget.

Red when `boot._statements` names modules one by one and a feature's `queries.py` is not among them.
"""

import importlib
import pkgutil
from collections.abc import Iterator

import taskapp
from taskapp import boot, create_app
from taskapp.cassandra.statement import Statement
from taskapp.settings import Settings

# Commands prepare what they ask when they ask it.
COMMANDS = ("repair.", "progress.", "migrations.")


def statements() -> Iterator[tuple[str, Statement]]:
    for found in pkgutil.walk_packages(taskapp.__path__, "taskapp."):
        if found.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, Statement):
                yield f"{found.name}.{name}", value


def test_all_statements_are_prepared_at_the_start() -> None:
    create_app(Settings())
    prepared = {each.cql for each in boot._statements()}
    forgotten = sorted({where for where, each in statements()
                        if each.cql not in prepared and not each.name.startswith(COMMANDS)})
    assert forgotten == []
