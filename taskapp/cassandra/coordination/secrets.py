"""Secrets that all instances share, created once and kept in the database."""

import secrets

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Insert, Select, Table, bind

BYTES = 32


class Secret(Table):
    """What is the secret of this name? A handful of rows; anyone who may read the keyspace may read them."""

    __table_name__ = "secrets"
    __secret__ = ("value",)
    name: Column[str] = columns.Text(partition_key=True)
    value: Column[bytes] = columns.Blob()


_GET = Select("secrets.get", Secret.objects.filter(Secret.name == bind("name")))
_MAKE = Insert("secrets.make", Secret, if_not_exists=True)


class SharedSecret:
    """A secret: the given one, or the one in the database, which the first to ask creates."""

    def __init__(self, name: str, given: str) -> None:
        self._name, self._value = name, given.encode()

    def __call__(self) -> bytes:
        """Return the secret."""
        if not self._value:
            found = _GET.one(name=self._name)
            if found is None:
                _MAKE.run(name=self._name, value=secrets.token_bytes(BYTES))
                found = _GET.one(name=self._name)
                assert found
            self._value = bytes(found.value)
        return self._value
