"""``taskapp run``: start the database and the service with one command."""

import time

import click

from taskapp.cli.node import told
from taskapp.cli.service import Service
from taskapp.cli.supervisor import Stopped, Supervisor, wait_for_end
from taskapp.localnode import LocalNode, NodeError, catalog, from_settings, ports
from taskapp.localnode.process import end_with_parent
from taskapp.settings import Settings

# Seconds for migrations and worker startup, beyond the wait for the cluster.
_SERVICE_DEADLINE = 60.0
# A node that dies more often than this within this many seconds is not restarted.
_RESTARTS, _RESTART_SECONDS = 3, 120.0

_READY = """
taskapp is ready at {url}  (Ctrl-C stops it)

  the page  {url}/app/
  the API   {url}/docs

{first}
"""
_JSON = '-H "Content-Type: application/json"'
_FIRST = """  curl -X POST "{url}/tasks/" {json} -d '{{"title":"Complete project"}}'"""
_REGISTER = """  curl -X POST "{url}/users/" {json} \\
    -d '{{"name":"Ann","email":"ann@example.org","password":"correct horse"}}'
"""
_LOG_IN = """  curl -X POST "{url}/tokens/" {json} \\
    -d '{{"email":"ann@example.org","password":"correct horse"}}'
  curl "{url}/tasks/" -H "Authorization: Bearer $TOKEN\""""


@click.command()
@click.option("--end-with-parent", "tied", is_flag=True, help="Stop when the parent process ends (Linux).")
def run(tied: bool) -> None:
    """Start the service, and Cassandra on this machine unless a cluster is configured; Ctrl-C stops both."""
    ask = end_with_parent() if tied else None
    if ask is not None:
        ask()
    settings = Settings.from_env()
    supervisor = Supervisor()
    try:
        with told(), supervisor.looks_after():
            _check(settings)
            node = _start_node(settings, supervisor) if settings.local_node else None
            _serve(settings, node, supervisor)
    except Stopped:
        click.echo("Stopped")


def _check(settings: Settings) -> None:
    if settings.astra:
        # The driver is imported here, so that other commands start without it.
        from taskapp.cassandra.reach import bundle

        bundle.read(settings.astra_db_secure_bundle_path).context()
    if not settings.bind:
        ports.check_free(settings.host, settings.port, "TASKAPP_PORT")


def _start_node(settings: Settings, supervisor: Supervisor) -> LocalNode:
    node = from_settings(settings, click.echo)
    begun = time.monotonic()
    node.start(click.echo)
    if node.started:
        supervisor.adds(node)
        click.echo(f"Cassandra {catalog.cassandra_version()} starts on {node.address}:{node.native_port}; "
                   f"its data are in {settings.data_dir}")
        node.wait_ready()
        click.echo(f"Cassandra is ready after {time.monotonic() - begun:.1f} s")
    return node


def first_lines(settings: Settings, url: str) -> str:
    """Return the commands a newcomer starts with, for the mode the service runs in."""
    text = _FIRST if settings.auth == "open" else (_REGISTER if settings.registration == "open" else "") + _LOG_IN
    return text.format(url=url, json=_JSON)


def _watch(service: Service, node: LocalNode | None, supervisor: Supervisor) -> None:
    """Wait for the service to end; restart a node that dies, while the service answers 503."""
    died: list[float] = []
    while wait_for_end(*([node] if node else []), service) is node and service.running:
        assert node is not None
        died = [at for at in died if time.monotonic() - at < _RESTART_SECONDS] + [time.monotonic()]
        if len(died) > _RESTARTS:
            raise node.failure()
        click.echo("Cassandra has ended and is started again; the service answers 503 meanwhile")
        ours = node.started
        node.start(click.echo)
        if node.started and not ours:
            supervisor.adds(node)
        node.wait_ready()
        click.echo("Cassandra is ready again")


def _serve(settings: Settings, node: LocalNode | None, supervisor: Supervisor) -> None:
    service = Service(settings, node)
    supervisor.adds(service)
    click.echo(f"The service starts on {settings.address}")
    service.start()
    if service.wait_ready(settings.connect_wait + _SERVICE_DEADLINE):
        click.echo(_READY.format(url=service.url, first=first_lines(settings, service.url)))
        _watch(service, node, supervisor)
    if node is not None and not node.running:
        raise node.failure()
    if service.running:
        raise NodeError(f"The service is not ready after {settings.connect_wait + _SERVICE_DEADLINE:.0f} s; "
                        f"its log is above")
    raise NodeError(f"The service ended by itself (exit code {service.exit_code}); its log is above")
