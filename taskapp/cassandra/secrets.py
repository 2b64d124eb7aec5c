"""Secrets that all instances share, made once and kept in the database."""

import secrets

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Statement

BYTES = 32


class Secrets(Table):
    """What is the secret of this name? A handful of rows; whoever may read the keyspace may read them."""

    __table_name__ = "secrets"
    name = columns.Text(partition_key=True)
    value = columns.Blob()


_GET = Statement("secrets.get", "SELECT value FROM $ks.secrets WHERE name = :name")
_MAKE = Statement("secrets.make", "INSERT INTO $ks.secrets (name, value) VALUES (:name, :value) IF NOT EXISTS",
                  idempotent=False)


class SharedSecret:
    """A secret: the given one, or that of the database, which the first to ask makes."""

    def __init__(self, name: str, given: str) -> None:
        self._name, self._value = name, given.encode()

    def __call__(self) -> bytes:
        """Return the secret."""
        if not self._value:
            if not (rows := _GET.run(name=self._name)):
                _MAKE.run(name=self._name, value=secrets.token_bytes(BYTES))
                rows = _GET.run(name=self._name)
            self._value = bytes(rows[0][0])
        return self._value
