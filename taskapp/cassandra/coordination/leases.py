"""Leases: one process at a time does something, and another takes over when it dies.

A lease expires after ``LEASE_SECONDS`` unless it is renewed. It is no fence: an owner that was paused may continue
after it has expired, so whatever is done under a lease must be harmless when done twice.
"""

import logging
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid

from cassandra.cqlengine import columns

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.cassandra.mapper import Column, Delete, Insert, Select, Table, Update, bind

LEASE_SECONDS = 30

log = logging.getLogger(__name__)


class Holder(Table):
    """Who holds this lease? One row for each task that one process at a time does; a handful of rows."""

    __table_name__ = "leases"
    __options__ = {"gc_grace_seconds": 3600}
    name: Column[str] = columns.Text(partition_key=True)
    owner: Column[uuid.UUID | None] = columns.UUID()
    process: Column[str | None] = columns.Text()


_NAMED = Holder.objects.filter(Holder.name == bind("name"))
_GET = Select("leases.owner", _NAMED)
_TAKE = Insert("leases.take", Holder, if_not_exists=True, ttl=bind("ttl"))
_RENEW = Update("leases.renew", _NAMED.iff(owner=bind("owner")).ttl(bind("ttl")), "owner", "process")
_GIVE_BACK = Delete("leases.give_back", _NAMED.iff(owner=bind("owner")))


class Lease:
    """A lease on a name, for this process."""

    def __init__(self, name: str, seconds: int = LEASE_SECONDS) -> None:
        self.name, self.seconds = name, seconds
        self.owner = uuid.uuid4()
        self.process = f"{socket.gethostname()}/{getpid()}"

    def take(self) -> bool:
        """Take the lease, or renew it; return whether it is ours."""
        owner = self.holder()
        if owner not in (None, self.owner):
            return False
        statement = _TAKE if owner is None else _RENEW
        return statement.applied(name=self.name, owner=self.owner, process=self.process, ttl=self.seconds)

    def holder(self) -> uuid.UUID | None:
        """Return who holds the lease, from a cheap read; None if nobody does."""
        found = _GET.one(name=self.name)
        return found.owner if found else None

    def give_back(self) -> None:
        """Let the next process have it at once."""
        _GIVE_BACK.run(name=self.name, owner=self.owner)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep renewing the lease, which is ours, while the block runs; give it back at the end."""
        done = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(done,), daemon=True, name=f"lease {self.name}")
        renewer.start()
        try:
            yield
        finally:
            done.set()
            renewer.join()
            self.give_back()

    def _renew(self, done: threading.Event) -> None:
        while not done.wait(self.seconds / 3):
            try:
                self.take()
            except (DatabaseUnavailable, OutcomeUnknown) as error:
                log.warning("The lease %s was not renewed: %s", self.name, error)
