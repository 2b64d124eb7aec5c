"""Timestamps of plain writes that must win over what another process wrote before, whose clock may have been ahead."""

from typing import Any

from taskapp.cassandra.statement import Statement
from taskapp.kit import clock


def after(written: Statement, **key: Any) -> int:
    """Give the timestamp (microseconds) of a write that comes after what is there; only one process writes at a time.

    A condition would order them as well; but a plain write may be sent twice, and one that comes late loses to a newer.

    :param written: selects the WRITETIME of a cell that every such write writes
    """
    rows = written.run(**key)
    return max(clock.micros(clock.now()), rows[0][0] + 1 if rows and rows[0][0] else 0)
