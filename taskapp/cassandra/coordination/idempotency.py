"""The records behind Idempotency-Key: who claimed a key, for which request, and what was answered.

The claim is a conditional write, so of many concurrent repeats only one runs. Its time is kept: a repeat that takes
over after a crash uses the same time, hence the same ids, and writes the same rows or finds its own change.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cqlengine import columns

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.cassandra.mapper import Column, Insert, Select, Table, Update, bind
from taskapp.kit import clock

# A claim whose worker has been silent for this long may be taken over: several times a request's budget.
TAKEOVER = timedelta(seconds=10)
# How many seconds before the claim ends the answer is forgotten.
END_MARGIN = 60


class Record(Table):
    """What was answered to this caller's request with this key? One row per key, gone after a day by default."""

    __table_name__ = "idempotency_keys"
    __options__ = {
        "gc_grace_seconds": 3600,
        "compaction": {"class": "org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy",
                       "compaction_window_unit": "HOURS", "compaction_window_size": "1"},
    }
    caller: Column[uuid.UUID] = columns.UUID(partition_key=True)
    key: Column[str] = columns.Text(partition_key=True)
    # Written conditionally: the claim.
    fingerprint: Column[str] = columns.Text()
    claimed_at: Column[datetime] = columns.DateTime()
    owner: Column[uuid.UUID | None] = columns.UUID()
    owned_at: Column[datetime | None] = columns.DateTime()
    # Written plainly, once the request is answered.
    status: Column[int | None] = columns.Integer()
    headers: Column[str | None] = columns.Text()
    body: Column[bytes | None] = columns.Blob()


_OF_KEY = Record.objects.filter(Record.caller == bind("caller"), Record.key == bind("key"))
_CLAIM = Insert("idempotency.claim", Record, if_not_exists=True, ttl=bind("ttl"))
_GET = Select("idempotency.get", _OF_KEY)
_TAKE_OVER = Update("idempotency.take_over", _OF_KEY.iff(owner=bind("before")).ttl(bind("ttl")), "owner", "owned_at")
# With the timestamp of any clock: two workers that ran it have answers of one operation, and either is right.
_ANSWER = Update("idempotency.answer", _OF_KEY.ttl(bind("ttl")), "status", "headers", "body")


class Claim:
    """One caller's key, held by this request.

    :param lifetime: seconds for which a key is remembered
    """

    def __init__(self, caller: uuid.UUID, key: str, lifetime: int) -> None:
        self.caller, self.key, self._lifetime = caller, key, lifetime
        self.owner = uuid.uuid4()
        self.claimed_at = clock.now()
        self.repeated = False

    def take(self, fingerprint: str) -> Record | None:
        """Claim the key; return None if it is ours now, else its record.

        :raise OutcomeUnknown: the outcome is not known; a repeat may take the key over once the claim is old
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
            if decide(lambda: _CLAIM.applied(**self._id, fingerprint=fingerprint, claimed_at=self.claimed_at,
                                             owned_at=self.claimed_at, owner=self.owner, ttl=self._lifetime),
                      self._is_ours):
                return None
            if record := self._record():
                return record
        raise DatabaseUnavailable("idempotency.claim: the key expires just now")

    def _free(self, record: Record) -> bool:
        return record.owned_at is None or record.owned_at + TAKEOVER < clock.now()

    def _take_over(self, record: Record) -> bool:
        self.claimed_at, self.repeated = record.claimed_at, True
        return decide(lambda: _TAKE_OVER.applied(**self._id, owner=self.owner, owned_at=clock.now(),
                                                 before=record.owner, ttl=self._left()), self._is_ours)

    def _is_ours(self) -> bool:
        record = self._record()
        return record is not None and record.owner == self.owner

    def _left(self) -> int:
        """Return the seconds until shortly before the claim ends: no cell may outlive it and pass for a claim."""
        left = self.claimed_at + timedelta(seconds=self._lifetime - END_MARGIN) - clock.now()
        return max(1, int(left.total_seconds()))

    def release(self) -> None:
        """Let a repeat run at once: this attempt has no answer worth keeping.

        It does not wait: the request's time may be used up, and a repeat comes a second later (`Retry-After`).
        """
        _TAKE_OVER.tell(**self._id, owner=self.owner, owned_at=None, before=self.owner, ttl=self._left())

    def answer(self, status: int, headers: str, body: bytes) -> None:
        """Keep the answer for repeats."""
        _ANSWER.run(**self._id, status=status, headers=headers, body=body, ttl=self._left())

    def _record(self) -> Record | None:
        record = _GET.one(**self._id, consistency=ConsistencyLevel.LOCAL_SERIAL)
        return record if record and record.fingerprint is not None else None

    @property
    def _id(self) -> dict[str, Any]:
        return {"caller": self.caller, "key": self.key}
