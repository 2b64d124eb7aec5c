"""Read the log of a failed node."""

import re
from pathlib import Path

from taskapp.localnode.configuration import LOG

OUTPUT = "jvm.log"
_ENTRY = re.compile(r"(ERROR|WARN |INFO |DEBUG|TRACE) +\[")


def begin(folder: Path) -> None:
    """Move the previous run's log aside, so that only this run's is read."""
    log = folder / LOG
    if log.exists():
        log.replace(folder / "node.previous.log")


def name(folder: Path) -> Path:
    """Return the log to read: Cassandra's, or Java's if Cassandra has not started one."""
    return folder / (LOG if (folder / LOG).exists() else OUTPUT)


def tail(folder: Path, lines: int = 15) -> str:
    """Return the last lines of the node's log and of what Java itself printed."""
    found = _lines(folder / LOG)[-lines:] + _java_said(folder)
    return "\n".join(found[-lines:])


def saw_up(folder: Path, address: str, storage_port: int) -> bool:
    """Return whether the node has logged, in this run, that another node in the ring is up."""
    return any(f"/{address}:{storage_port} is now UP" in line for line in _lines(folder / LOG))


def first_error(folder: Path) -> str:
    """Return the deepest cause of the first error in the log, else what Java printed; empty if there is neither.

    Of several errors in a row, the last counts.
    """
    entry: list[str] = []
    for line in _lines(folder / LOG):
        if line.startswith("ERROR"):
            entry = [line]
        elif entry and _ENTRY.match(line):
            break
        elif entry:
            entry.append(line)
    causes = [line for line in entry[1:] if line.startswith("Caused by: ")] or entry[1:2] or entry
    return _plain(causes[-1]) if causes else _java_error(folder)


def _java_error(folder: Path) -> str:
    return _plain(" ".join([line for line in _java_said(folder) if not line.startswith("\t")][:3]))


def _java_said(folder: Path) -> list[str]:
    # at each start, warnings say that Cassandra uses what Java will remove
    return [line for line in _lines(folder / OUTPUT) if not line.startswith("WARNING: ")]


def _plain(line: str) -> str:
    line = re.sub(r"^ERROR +\[[^]]*\] \S+ \S+ \S+ - ", "", line)
    return re.sub(r"^(Caused by: )?([\w$]+\.)+([\w$]+)", r"\3", line)[:400]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
