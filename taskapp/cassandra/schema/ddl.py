"""Schema changes: run one, and wait until the nodes agree on it."""

from cassandra import AlreadyExists, ConsistencyLevel, RequestValidationException, Unauthorized
from cassandra.protocol import RequestValidationException as RequestValidationMessage
from cassandra.query import SimpleStatement

from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.errors import CAUGHT, OutcomeUnknown, SchemaError


def change(text: str) -> None:
    """Run one schema change.

    :raise SchemaError: the nodes refuse it, or do not agree afterwards
    :raise OutcomeUnknown: no node said whether it was made
    :raise Unauthorized: the role lacks the permission; the caller knows which role it is
    """
    statement = SimpleStatement(text, consistency_level=ConsistencyLevel.QUORUM)
    try:
        future = db.session.execute_async(statement, execution_profile=policies.SCHEMA)
        future.result()
    except (AlreadyExists, Unauthorized):
        raise
    except (RequestValidationException, RequestValidationMessage) as error:
        raise SchemaError(f"refused: {' '.join(text.split())[:100]}: {error}") from error
    except CAUGHT as error:
        raise OutcomeUnknown(f"a schema change: {error}") from error
    if not future.is_schema_agreed:
        raise SchemaError("the nodes do not agree on the schema; is one of them away?")
