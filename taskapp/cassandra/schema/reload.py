"""Recreating what a node shows but does not know.

A node killed during a schema change may have that change only in its commit log, which it replays after loading its
schema: the schema tables, which the driver reads, then show a table that the node says does not exist, until it is
restarted (seen with Cassandra 5.0.8, `tests/chaos/test_schema_and_death.py`). A statement with ``IF NOT EXISTS`` goes
by what the node knows, and does nothing when nothing is missing. It cannot lose data: nobody could write to what the
node did not know. The nodes of a larger cluster learn the change from each other first.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from cassandra import Unauthorized
from cassandra.cqlengine import management
from cassandra.cqlengine.usertype import UserType
from cassandra.metadata import KeyspaceMetadata

from taskapp.cassandra.mapper import Table, columns_of, create_text
from taskapp.cassandra.schema import ddl


def make_keyspace_again(found: KeyspaceMetadata) -> None:
    """Recreate a keyspace that its node shows but does not know."""
    # A role that may only change one keyspace's tables may not create keyspaces; the node knows that one then.
    with suppress(Unauthorized):
        ddl.change(found.as_cql_query().replace("CREATE KEYSPACE", "CREATE KEYSPACE IF NOT EXISTS"))


def make_again(found: KeyspaceMetadata, types: Sequence[type[UserType]], tables: Sequence[type[Table]]) -> None:
    """Recreate the types, tables and columns that their node shows but does not know."""
    for text in (*_types(found, types), *_tables(found, tables)):
        ddl.change(text)


def _types(found: KeyspaceMetadata, types: Sequence[type[UserType]]) -> Iterator[str]:
    for made in types:
        there = found.user_types.get(made.type_name())
        if there is not None:
            yield management.get_create_type(made, found.name).replace("CREATE TYPE", "CREATE TYPE IF NOT EXISTS")
            for name, kind in zip(there.field_names, there.field_types, strict=True):
                yield f'ALTER TYPE {found.name}.{made.type_name()} ADD IF NOT EXISTS "{name}" {kind}'


def _tables(found: KeyspaceMetadata, tables: Sequence[type[Table]]) -> Iterator[str]:
    for model in tables:
        there = found.tables.get(model.__table_name__)
        if there is not None:
            yield create_text(model, found.name).replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
            added = [column.get_column_def() for column in columns_of(model).values()
                     if not column.primary_key and column.db_field_name in there.columns]
            if added:
                yield f"ALTER TABLE {found.name}.{there.name} ADD IF NOT EXISTS ({', '.join(added)})"
