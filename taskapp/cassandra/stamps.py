"""Timestamps of plain writes that must win over what another process wrote before, whose clock may have been ahead."""

from typing import Any

from taskapp.cassandra.mapper import Select
from taskapp.kit import clock


def after(stamps: Select[Any], **key: Any) -> int:
    """Give the timestamp (microseconds) of a write that comes after what is there; only one process writes at a time.

    A condition would order them as well; but a plain write may be sent twice, and one that comes late loses to a newer.

    :param stamps: selects, besides, the timestamp of a cell that every such write writes
    """
    there: list[int] = [stamp + 1 for _, stamp in stamps.pairs(**key) if stamp]
    return max([clock.micros(clock.now()), *there])
