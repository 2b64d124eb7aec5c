"""Storage-attached indexes: created by migrations, which wait until they can be queried.

This module must not move: migration files import it, and they never change, since the ledger keeps their checksums.
"""

import logging
import time
from collections.abc import Callable

from cassandra import InvalidRequest, Unauthorized

from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.errors import SchemaError

log = logging.getLogger(__name__)
BUILD_SECONDS = 3600


def create(table: str, column: str) -> tuple[str, Callable[[], None]]:
    """Return the two steps of a migration: create an index, and wait until every row is in it."""
    name = f"{table}_{column}"

    def wait() -> None:
        """Wait until the index is built."""
        deadline = time.monotonic() + BUILD_SECONDS
        while not queryable(name):
            if time.monotonic() > deadline:
                raise SchemaError(f"the index {name} was not built within {BUILD_SECONDS} s")
            time.sleep(0.1)

    # The long form; Astra documents no other.
    return f"CREATE CUSTOM INDEX IF NOT EXISTS {name} ON $ks.{table} ({column}) USING 'StorageAttachedIndex'", wait


def queryable(name: str) -> bool:
    """Return whether an index is built, according to the node that answers."""
    try:
        rows = db.session.execute(
            "SELECT is_queryable FROM system_views.sai_column_indexes WHERE keyspace_name = %s AND index_name = %s",
            (db.keyspace, name), execution_profile=policies.SCHEMA)
    except (InvalidRequest, Unauthorized) as error:
        # A managed cluster may not expose this; lists that need the index answer 503 until it is built.
        log.warning("Nobody tells whether the index %s is built: %s", name, error)
        return True
    return all(row["is_queryable"] for row in rows)
