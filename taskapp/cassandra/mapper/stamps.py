"""Timestamps of plain writes that must win over earlier ones by another process, whose clock may have been ahead."""

from typing import Any

from taskapp.cassandra.mapper import Select
from taskapp.kit import clock


def after(stamps: Select[Any], **key: Any) -> int:
    """Return the timestamp (microseconds) of a write that wins over what is there; only one process writes at a time.

    A condition would order them as well, but a plain write may be sent twice, and a late one loses to a newer one.

    :param stamps: its ``plus`` selects the timestamp of a cell that every such write writes
    """
    there: list[int] = [stamp + 1 for _, stamp in stamps.pairs(**key) if stamp]
    return max([clock.micros(clock.now()), *there])
