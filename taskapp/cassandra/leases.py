"""Leases: one process at a time does a thing, and another takes over when it dies.

A lease ends by itself after ``LEASE_SECONDS`` unless it is renewed. It is no fence: an owner that was paused may go on
after its end, so whatever is done under a lease must be harmless when done twice.
"""

import socket
import uuid
from os import getpid

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Statement

LEASE_SECONDS = 30


class Leases(Table):
    """Who does it now? One row for each thing that one process at a time does; a handful of rows."""

    __table_name__ = "leases"
    __options__ = {"gc_grace_seconds": 3600}
    name = columns.Text(partition_key=True)
    owner = columns.UUID()
    process = columns.Text()


_OWNER = Statement("leases.owner", "SELECT owner FROM $ks.leases WHERE name = :name")
_TAKE = Statement("leases.take", "INSERT INTO $ks.leases (name, owner, process) VALUES (:name, :owner, :process) "
                  "IF NOT EXISTS USING TTL :ttl", idempotent=False)
_RENEW = Statement("leases.renew", "UPDATE $ks.leases USING TTL :ttl SET owner = :owner, process = :process "
                   "WHERE name = :name IF owner = :owner", idempotent=False)
_GIVE_BACK = Statement("leases.give_back", "DELETE FROM $ks.leases WHERE name = :name IF owner = :owner",
                       idempotent=False)


class Lease:
    """A lease on a name, for this process."""

    def __init__(self, name: str, seconds: int = LEASE_SECONDS) -> None:
        self.name, self.seconds = name, seconds
        self.owner = uuid.uuid4()
        self.process = f"{socket.gethostname()}/{getpid()}"

    def take(self) -> bool:
        """Take the lease, or renew it; tell whether it is ours."""
        owner = self.holder()
        if owner not in (None, self.owner):
            return False
        statement = _TAKE if owner is None else _RENEW
        return bool(statement.run(name=self.name, owner=self.owner, process=self.process, ttl=self.seconds)[0][0])

    def holder(self) -> uuid.UUID | None:
        """Tell who has the lease, by a read that costs little; nobody is None."""
        rows = _OWNER.run(name=self.name)
        return rows[0][0] if rows else None

    def give_back(self) -> None:
        """Let the next process have it at once."""
        _GIVE_BACK.run(name=self.name, owner=self.owner)
