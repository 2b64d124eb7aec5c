"""Starting up: what gunicorn's master and workers do with the database before they serve."""

import logging
import sys

from taskapp.cassandra.connection import address, db
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown, SchemaError
from taskapp.cassandra.schema import Schema
from taskapp.settings import Settings

log = logging.getLogger(__name__)


def prepare(settings: Settings, schema: Schema) -> None:
    """Make the tables match and close the connection again; for the master, before it forks.

    Ends the process with 1 when the cluster does not come in time. Newer tables are left alone: the workers start, say
    that they are not ready, and serve nothing.
    """
    try:
        db.connect_patiently(settings)
        if settings.sync_on_boot:
            schema.sync(settings)
        elif reason := schema.differs():
            log.error("Not ready: %s", reason)
    except SchemaError as error:
        log.error("Not ready: %s", error)
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        sys.exit(f"taskapp: gave up waiting for Cassandra at {address(settings)}: {error}")
    finally:
        db.close()


def connect(settings: Settings) -> None:
    """Connect a worker; a cluster that went away meanwhile is waited for."""
    db.connect_patiently(settings)
