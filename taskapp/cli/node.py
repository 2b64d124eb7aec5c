"""``taskapp node``: control the local Cassandra node by itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from taskapp.localnode import LocalNode, NodeError, from_settings, of_settings
from taskapp.settings import Settings


@click.group()
def node() -> None:
    """Start, stop or inspect the local Cassandra node."""


@node.command()
def start() -> None:
    """Start the node and leave it running."""
    with told():
        local = from_settings(Settings.from_env(), click.echo, outlive=True)
        local.start(click.echo)
        local.wait_ready()
    click.echo(f"Cassandra answers on {local.address}:{local.native_port} (process {local.pid})")


@node.command()
def stop() -> None:
    """Stop the node, whoever started it."""
    local = of_settings(Settings.from_env())
    if not local.running:
        click.echo("The node does not run")
        return
    local.stop()
    click.echo("The node has stopped")


@node.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show whether the node is running and ready; exit code 1 if it is not."""
    state = describe(of_settings(Settings.from_env()))
    if as_json:
        click.echo(json.dumps(state))
    else:
        click.echo("\n".join(f"{name}: {value}" for name, value in state.items()))
    context.exit(0 if state["ready"] else 1)


def describe(local: LocalNode) -> dict[str, str | int | bool | None]:
    """Return all there is to know about a node."""
    running = local.running
    return {"running": running, "ready": running and local.ready, "pid": local.pid, "address": local.address,
            "native_port": local.native_port, "data_dir": str(local.data_dir)}


@contextmanager
def told() -> Iterator[None]:
    """Report a node failure as the tail of its log and one line, with exit code 1."""
    try:
        yield
    except NodeError as error:
        if error.tail:
            click.echo(error.tail, err=True)
        raise click.ClickException(str(error)) from error
