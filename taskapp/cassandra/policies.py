"""How statements are sent: consistency, time, and what is sent again.

One rule above all: only a statement that says of itself that it is idempotent is sent twice.
"""

import ssl

from cassandra import ConsistencyLevel
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, ExecutionProfile
from cassandra.policies import (
    ConstantSpeculativeExecutionPolicy,
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.query import dict_factory, tuple_factory

from taskapp.cassandra.metrics import RETRIES
from taskapp.settings import Settings

READ, WRITE, SCHEMA = "read", "write", "schema"
# cqlengine asks under the driver's default profile, and makes its rows dicts.
MAPPER = EXEC_PROFILE_DEFAULT
# The levels at which a caller may read, as the driver's numbers.
CONSISTENCY_LEVELS = {name: int(ConsistencyLevel.name_to_value[name]) for name in (
    "ONE", "LOCAL_ONE", "LOCAL_QUORUM", "QUORUM", "ALL", "LOCAL_SERIAL", "SERIAL")}
# Seconds until an idempotent read is sent to the next node as well: about the p99 of a loaded node.
SPECULATIVE_DELAY = 0.1


class IdempotenceAwareRetryPolicy(RetryPolicy):
    """Send a failed statement to the next node, once or twice, if it is idempotent; else tell the caller at once.

    The driver's own policy sends every statement to every node after a connection error (`cassandra/policies.py`,
    RetryPolicy.on_request_error), a conditional update included.
    """

    def on_read_timeout(self, query, consistency, required_responses, received_responses, data_retrieved, retry_num):
        """Ask once more."""
        return _again(query, consistency, retry_num, "read_timeout")

    def on_write_timeout(self, query, consistency, write_type, required_responses, received_responses, retry_num):
        """Write once more what may be written twice."""
        return _again(query, consistency, retry_num, "write_timeout")

    def on_unavailable(self, query, consistency, required_replicas, alive_replicas, retry_num):
        """Ask another coordinator once: this one may see fewer nodes than there are."""
        return _again(query, consistency, retry_num, "unavailable")

    def on_request_error(self, query, consistency, error, retry_num):
        """Go on to the next node twice at most."""
        return _again(query, consistency, retry_num, "request_error", most=2)


def _again(query: object, consistency: int, retry_num: int, reason: str, most: int = 1) -> tuple[int, int | None]:
    if getattr(query, "is_idempotent", False) and retry_num < most:
        RETRIES.labels(reason).inc()
        return RetryPolicy.RETRY_NEXT_HOST, consistency
    return RetryPolicy.RETHROW, None


def profiles(settings: Settings) -> dict[object, ExecutionProfile]:
    """Make the execution profiles.

    ``READ`` is speculative, ``WRITE`` is not, ``MAPPER`` gives cqlengine its rows as dicts, and ``SCHEMA`` is patient
    and never repeats.
    """

    def profile(**given: object) -> ExecutionProfile:
        nearby = TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc=settings.cassandra_local_dc), shuffle_replicas=True)
        values = {
            "load_balancing_policy": nearby,
            "retry_policy": IdempotenceAwareRetryPolicy(),
            "consistency_level": ConsistencyLevel.LOCAL_QUORUM,
            "serial_consistency_level": ConsistencyLevel.LOCAL_SERIAL,
            "request_timeout": settings.request_timeout,
            "row_factory": tuple_factory,
            **given,
        }
        return ExecutionProfile(**values)

    return {
        WRITE: profile(),
        READ: profile(speculative_execution_policy=ConstantSpeculativeExecutionPolicy(SPECULATIVE_DELAY, 1)),
        MAPPER: profile(row_factory=dict_factory),
        SCHEMA: profile(row_factory=dict_factory, retry_policy=FallthroughRetryPolicy(), request_timeout=30.0,
                        serial_consistency_level=ConsistencyLevel.SERIAL),
    }


def auth_provider(settings: Settings) -> PlainTextAuthProvider | None:
    """Log in with role and password, when there is a role."""
    if not settings.cassandra_username:
        return None
    return PlainTextAuthProvider(settings.cassandra_username, settings.cassandra_password)


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Encrypt, and check certificate and host name, when TLS is on."""
    if not settings.cassandra_tls:
        return None
    context = ssl.create_default_context(cafile=settings.cassandra_ca_file or None)
    if settings.cassandra_cert_file:
        context.load_cert_chain(settings.cassandra_cert_file, settings.cassandra_key_file or None)
    return context
