"""What commands that need the database share: a connection while they run, and errors as one line."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from taskapp.localnode import of_settings
from taskapp.settings import Settings


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Connect before the command, pass it the settings and close afterwards; an error is one line and exit code 1."""

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        # The driver is imported here, so that other commands start without it.
        from taskapp.cassandra.driver.connection import db
        from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, SchemaError
        from taskapp.cassandra.reach.places import address
        from taskapp.cassandra.reach.refusals import permitted

        settings = _found(Settings.from_env())
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


def checked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse tables of another release, and report a problem as one line and exit code 1."""

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        from taskapp import schema
        from taskapp.kit.problem import Problem

        if reason := schema.current().differs():
            raise click.ClickException(f"{reason}; run `taskapp sync-tables` first")
        try:
            return command(**given)
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem

    return run


def _found(settings: Settings) -> Settings:
    """Point the settings at the running local node, even if it was started with another address."""
    if not settings.local_node:
        return settings
    node = of_settings(settings)
    return replace(settings, node_address=node.address, cassandra_port=node.native_port)
