"""What the database is asked about activity."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from taskapp.cassandra.statement import Answer, Row, Statement

KEYS = ["user_id", "month", "event_id", "task_id"]
EVENT = ["event_id", "kind", "task_id", "version"]
_PAGE = (f"SELECT {', '.join(EVENT)} FROM $ks.events_by_user WHERE user_id = :user_id AND month = :month "
         "AND event_id > maxTimeuuid(:after)")
_MONTHS = Statement("events.months", "SELECT month FROM $ks.event_months WHERE user_id = :user_id")
_FIRST = Statement("events.page", f"{_PAGE} AND event_id < minTimeuuid(:before) LIMIT :size")
_NEXT = Statement("events.next_page", f"{_PAGE} AND event_id < :last LIMIT :size")
_PRESENT = Statement("events.present", "SELECT event_id FROM $ks.events_by_user WHERE user_id = :user_id "
                     "AND month = :month AND event_id IN :ids")
_ALL_OF_KIND = Statement("repair.events_by_user", f"SELECT {', '.join(KEYS)}, token(user_id, month) "
                         "FROM $ks.events_by_user WHERE token(user_id, month) >= :position AND kind = :kind "
                         "ALLOW FILTERING")


def months(user_id: uuid.UUID, consistency: int | None = None) -> list[datetime]:
    """List the months in which a user has events, newest first."""
    return [row[0] for row in _MONTHS.run(user_id=user_id, consistency=consistency)]


def send_page(user_id: uuid.UUID, month: datetime, *, after: datetime, before: datetime, last: uuid.UUID | None,
              limit: int, consistency: int | None = None) -> Answer:
    """Ask for events of a month as rows of ``EVENT``, newest first, between two times, neither included.

    :param last: the event after which to go on, in place of ``before``
    """
    common = {"user_id": user_id, "month": month, "after": after, "size": limit, "consistency": consistency}
    return _NEXT.send(last=last, **common) if last else _FIRST.send(before=before, **common)


def present(user_id: uuid.UUID, month: datetime, ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Tell which of a month's events are stored."""
    rows: list[Row] = _PRESENT.run(user_id=user_id, month=month, ids=ids)
    return {row[0] for row in rows}


def all_of_kind(kind: str, token: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Walk over the keys and tasks of all events of a kind in the order of tokens, from one on, page by page."""
    for *row, at in _ALL_OF_KIND.send(kind=kind, position=token).result():
        yield dict(zip(KEYS, row, strict=True)), at
