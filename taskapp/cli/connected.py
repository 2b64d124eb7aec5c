"""What commands that need the database have in common: a connection for their time, and errors as one line."""

import functools
from collections.abc import Callable
from typing import Any

import click

from taskapp.settings import Settings


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Connect before the command, pass it the settings, close afterwards; errors are one line and exit code 1."""

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        # The driver is imported here, so that other commands start without it.
        from taskapp.cassandra.connection import address, db
        from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, SchemaError
        from taskapp.cassandra.refusals import permitted

        settings = Settings.from_env()
        try:
            db.connect(settings)
            with permitted(settings):
                return command(settings=settings, **given)
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            raise click.ClickException(f"Cassandra at {address(settings)} does not answer: {error}") from error
        except SchemaError as error:
            raise click.ClickException(str(error)) from error
        finally:
            db.close()

    return run
