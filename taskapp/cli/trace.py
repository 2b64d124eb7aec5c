"""``taskapp trace``: the statements one request sends, and what the nodes do for each."""

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import orjson

from taskapp.cli.connected import connected
from taskapp.settings import Settings

if TYPE_CHECKING:
    from rich.tree import Tree
    from werkzeug.test import TestResponse

    from taskapp.cassandra.driver.tracing import Event, Sent, Trace

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Words found in the most telling events: node asked, rows read and written, and each step of a conditional write.
_TELLING = ("message received", "Sending", "digest", "Speculat", "live rows", "Index query", "Adding to", "Promising",
            "CAS ", "Accepting", "Committing", "hint", "imed out", "Unavailable")
_WIDTH = 240


@dataclass(frozen=True)
class _Seen:
    """A statement, with its traces or the reason there are none."""

    sent: "Sent"
    traces: "list[Trace]"
    missing: str | None


def _headers(_: click.Context, __: click.Parameter, lines: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise click.BadParameter(f"{line!r} is not of the form 'Name: value'.")
        found.append((name.strip(), value.strip()))
    return found


def _path(_: click.Context, __: click.Parameter, path: str) -> str:
    if not path.startswith("/"):
        raise click.BadParameter(f"{path!r} does not begin with a slash.")
    return path


@click.command("trace")
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path", callback=_path)
@click.option("-H", "--header", "headers", multiple=True, callback=_headers, help="'Name: value'; may be repeated.")
@click.option("-d", "--data", help="The body.")
@click.option("--token", help="Sent as Authorization: Bearer.")
@click.option("--events", "all_events", is_flag=True, help="Show every event, not only the important ones.")
@click.option("--wait", type=click.FloatRange(0), default=5.0, show_default=True,
              help="Seconds to wait for the traces; 0 shows none.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all events.")
@connected
def trace(settings: Settings, method: str, path: str, headers: list[tuple[str, str]], data: str | None,
          token: str | None, all_events: bool, wait: float, as_json: bool) -> None:
    """Carry out one request in this process, and show each statement with its coordinator, consistency and times.

    It is a real request to the configured cluster: a POST creates, a DELETE deletes. The process has just started, so
    it also queries what a worker would already know. Cassandra keeps each trace, with the values, in system_traces for
    a day. Exit code 1 if the response is a 5xx.
    """
    if token:
        headers = [*headers, ("Authorization", f"Bearer {token}")]
    response, milliseconds, sent = _carry_out(settings, method.upper(), path, headers, data)
    seen = _look(sent, wait)
    if as_json:
        click.echo(orjson.dumps(_as_object(method.upper(), path, response, milliseconds, seen)))
    else:
        from rich.console import Console
        # Nothing is cut: the terminal wraps lines that are too long for it.
        Console(width=_WIDTH, highlight=False).print(_as_tree(
            _title(method.upper(), path, response, milliseconds), seen, _TELLING if not all_events else ("",)))
    if response.status_code >= 500:
        raise click.ClickException(f"The request was answered with {response.status_code}")


def _carry_out(settings: Settings, method: str, path: str, headers: list[tuple[str, str]], data: str | None
               ) -> "tuple[TestResponse, float, list[Sent]]":
    from taskapp import create_app
    from taskapp.cassandra.driver import tracing

    # A log line per request is for a service; here, failures are shown in the tree.
    client = create_app(dataclasses.replace(settings, log_level="error")).test_client()
    with tracing.recording() as sent:
        begun = time.perf_counter()
        # Read the whole body here, so that statements a stream sends while it is read are recorded, too.
        response = client.open(path, method=method, headers=headers, data=data, buffered=True)
        return response, (time.perf_counter() - begun) * 1000, sent


def _look(sent: "list[Sent]", wait: float) -> list[_Seen]:
    """Read all traces, within ``wait`` seconds or slightly more."""
    deadline, seen = time.monotonic() + wait, []
    for each in sent:
        try:
            # Even past the deadline, traces that are already there can be read.
            traces, missing = each.traces(max(min(wait, 0.1), deadline - time.monotonic())), None
        except LookupError as error:
            traces, missing = [], str(error)
        seen.append(_Seen(each, traces, missing))
    return seen


def _as_object(method: str, path: str, response: "TestResponse", milliseconds: float, seen: list[_Seen]
               ) -> dict[str, Any]:
    return {"method": method, "path": path, "status": response.status_code, "ms": round(milliseconds, 1),
            "problem": _problem(response),
            "statements": [{"name": each.sent.name, "statements": each.sent.statements, **each.sent.described,
                            "ms": each.sent.milliseconds and round(each.sent.milliseconds, 1),
                            "error": each.sent.error, "missing": each.missing,
                            "traces": [dataclasses.asdict(one) for one in each.traces]} for each in seen]}


def _problem(response: "TestResponse") -> str | None:
    found = response.get_json(silent=True) if response.mimetype == "application/problem+json" else None
    return f"{found['code']}: {found['detail']}" if found else None


def _title(method: str, path: str, response: "TestResponse", milliseconds: float) -> str:
    problem = _problem(response)
    return f"{method} {path} → {response.status_code} in {milliseconds:.1f} ms" + (f"  {problem}" if problem else "")


def _as_tree(title: str, seen: list[_Seen], telling: tuple[str, ...]) -> "Tree":
    from rich.text import Text
    from rich.tree import Tree

    # As Text objects, so that brackets are not taken for rich markup.
    tree = Tree(Text(title))
    for each in seen:
        branch = tree.add(Text(_statement_line(each.sent)))
        if each.missing:
            branch.add(Text(f"no trace: {each.missing}"))
        for one in each.traces:
            page = branch.add(Text(f"{one.microseconds} µs at {one.coordinator}, {len(one.events)} events"))
            for event in one.events:
                if any(word in event.activity for word in telling):
                    page.add(Text(_event_line(event)))
    return tree


def _statement_line(sent: "Sent") -> str:
    told, ms = sent.described, f"{sent.milliseconds:.1f} ms" if sent.milliseconds is not None else "no answer"
    batch = f" (batch of {sent.statements})" if sent.statements > 1 else ""
    error = f"  failed: {sent.error}" if sent.error else ""
    return f"{sent.name}{batch}  {ms}  {told['consistency']}  from {told['coordinator']}  token {told['token']}{error}"


def _event_line(event: "Event") -> str:
    return f"{event.microseconds:>7} µs  {event.source}  {event.activity}"
