"""The records behind Idempotency-Key: who claimed a key, for which request, and what was answered.

The claim is a conditional write, so of many repeats at once one runs. Its time is kept: a repeat that takes over after
a crash works with the same time, hence the same ids, and writes the same rows or finds its own change.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cqlengine import columns

from taskapp.cassandra.conditional import decide
from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Statement
from taskapp.kit import clock

# A claim whose worker said nothing for so long may be taken over: several times a request's budget.
TAKEOVER = timedelta(seconds=10)
# Seconds before the end of a claim at which the answer is forgotten.
END_MARGIN = 60


class IdempotencyKeys(Table):
    """What was answered to this caller's request with this key? A row each, gone after a day."""

    __table_name__ = "idempotency_keys"
    __options__ = {
        "gc_grace_seconds": 3600,
        "compaction": {"class": "org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy",
                       "compaction_window_unit": "HOURS", "compaction_window_size": "1"},
    }
    caller = columns.UUID(partition_key=True)
    key = columns.Text(partition_key=True)
    # Written conditionally: the claim.
    fingerprint = columns.Text()
    claimed_at = columns.DateTime()
    owner = columns.UUID()
    owned_at = columns.DateTime()
    # Written plainly, once the request is answered.
    status = columns.Integer()
    headers = columns.Text()
    body = columns.Blob()


_KEY = "caller = :caller AND key = :id"
_CLAIM = Statement(
    "idempotency.claim", "INSERT INTO $ks.idempotency_keys (caller, key, fingerprint, claimed_at, owner, owned_at) "
    "VALUES (:caller, :id, :fingerprint, :claimed_at, :owner, :claimed_at) IF NOT EXISTS USING TTL :ttl",
    idempotent=False)
_GET = Statement("idempotency.get", "SELECT fingerprint, claimed_at, owner, owned_at, status, headers, body "
                 f"FROM $ks.idempotency_keys WHERE {_KEY}")
_TAKE_OVER = Statement("idempotency.take_over", "UPDATE $ks.idempotency_keys USING TTL :ttl SET owner = :owner, "
                       f"owned_at = :owned_at WHERE {_KEY} IF owner = :before", idempotent=False)
# At the time of whoever's clock: the answers of two who ran it are those of one operation, and either is right.
_ANSWER = Statement("idempotency.answer", "UPDATE $ks.idempotency_keys USING TTL :ttl SET status = :status, "
                    f"headers = :headers, body = :body WHERE {_KEY}")


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a key."""

    fingerprint: str
    claimed_at: datetime
    owner: uuid.UUID | None
    owned_at: datetime | None
    status: int | None
    headers: str | None
    body: bytes | None


class Claim:
    """One caller's key, in the hands of this request.

    :param lifetime: seconds a key is remembered
    """

    def __init__(self, caller: uuid.UUID, key: str, lifetime: int) -> None:
        self.caller, self.key, self._lifetime = caller, key, lifetime
        self.owner = uuid.uuid4()
        self.claimed_at = clock.now()
        self.repeated = False

    def take(self, fingerprint: str) -> Record | None:
        """Claim the key; None if it is ours now, else what is known of it.

        :raise OutcomeUnknown: nobody could tell; a repeat may take it over when it is old
        """
        record = self._claim(fingerprint)
        if record is None:
            return None
        if record.status is None and record.fingerprint == fingerprint and self._free(record):
            return None if self._take_over(record) else record
        return record

    def _claim(self, fingerprint: str) -> Record | None:
        # The second round is for a record that expires between the two statements.
        for _ in range(2):
            if decide(lambda: bool(_CLAIM.run(**self._id, fingerprint=fingerprint, claimed_at=self.claimed_at,
                                              owner=self.owner, ttl=self._lifetime)[0][0]), self._is_ours):
                return None
            if record := self._record():
                return record
        raise DatabaseUnavailable("idempotency.claim: the key expires just now")

    def _free(self, record: Record) -> bool:
        return record.owned_at is None or record.owned_at + TAKEOVER < clock.now()

    def _take_over(self, record: Record) -> bool:
        self.claimed_at, self.repeated = record.claimed_at, True
        return decide(lambda: bool(_TAKE_OVER.run(**self._id, owner=self.owner, owned_at=clock.now(),
                                                  before=record.owner, ttl=self._left())[0][0]), self._is_ours)

    def _is_ours(self) -> bool:
        record = self._record()
        return record is not None and record.owner == self.owner

    def _left(self) -> int:
        """Tell the seconds until shortly before the claim ends: no cell may outlive it, and pass for a claim."""
        left = self.claimed_at + timedelta(seconds=self._lifetime - END_MARGIN) - clock.now()
        return max(1, int(left.total_seconds()))

    def release(self) -> None:
        """Let a repeat run at once: this attempt has no answer that should be kept.

        Nobody waits for it: the request's time may be used up, and a repeat comes a second later (`Retry-After`).
        """
        _TAKE_OVER.tell(**self._id, owner=self.owner, owned_at=None, before=self.owner, ttl=self._left())

    def answer(self, status: int, headers: str, body: bytes) -> None:
        """Keep the answer for repeats."""
        _ANSWER.run(**self._id, status=status, headers=headers, body=body, ttl=self._left())

    def _record(self) -> Record | None:
        rows = _GET.run(**self._id, consistency=ConsistencyLevel.LOCAL_SERIAL)
        return Record(*rows[0]) if rows and rows[0][0] is not None else None

    @property
    def _id(self) -> dict[str, Any]:
        return {"caller": self.caller, "id": self.key}
