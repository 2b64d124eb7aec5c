"""How statements are sent: consistency, timeouts and retries.

One rule above all: only a statement that declares itself idempotent is sent twice.
"""

import random
from collections.abc import Iterator
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, ExecutionProfile
from cassandra.policies import (
    ConstantSpeculativeExecutionPolicy,
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    HostDistance,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.pool import Host
from cassandra.query import dict_factory, tuple_factory

from taskapp.cassandra.driver import work
from taskapp.cassandra.driver.metrics import RETRIES
from taskapp.settings import Settings

READ, WRITE, SCHEMA = "read", "write", "schema"
# cqlengine queries under the driver's default profile, and makes its rows dicts.
MAPPER = EXEC_PROFILE_DEFAULT
# The levels at which a caller may read, as the driver's numbers.
CONSISTENCY_LEVELS = {name: int(ConsistencyLevel.name_to_value[name]) for name in (
    "ONE", "LOCAL_ONE", "LOCAL_QUORUM", "QUORUM", "ALL", "LOCAL_SERIAL", "SERIAL")}
# Seconds until an idempotent statement is also sent to the next node: about the p99 of a loaded node. Writes wait
# longer, since a second copy costs every replica.
READ_AGAIN, WRITE_AGAIN = 0.1, 0.3


class IdempotenceAwareRetryPolicy(RetryPolicy):
    """Retry a failed statement on the next node, once or twice, if it is idempotent; else tell the caller at once.

    The driver's own policy sends every statement to every node after a connection error (`cassandra/policies.py`,
    RetryPolicy.on_request_error), including a conditional update.
    """

    def on_read_timeout(self, query, consistency, required_responses, received_responses, data_retrieved, retry_num):
        """Retry a read once."""
        return _again(query, consistency, retry_num, "read_timeout")

    def on_write_timeout(self, query, consistency, write_type, required_responses, received_responses, retry_num):
        """Retry a write once, if it may be written twice."""
        return _again(query, consistency, retry_num, "write_timeout")

    def on_unavailable(self, query, consistency, required_replicas, alive_replicas, retry_num):
        """Try another coordinator once: this one may see fewer nodes than there are."""
        return _again(query, consistency, retry_num, "unavailable")

    def on_request_error(self, query, consistency, error, retry_num):
        """Try the next node, twice at most."""
        return _again(query, consistency, retry_num, "request_error", most=2)


def _again(query: object, consistency: int, retry_num: int, reason: str, most: int = 1) -> tuple[int, int | None]:
    if getattr(query, "is_idempotent", False) and retry_num < most:
        RETRIES.labels(reason).inc()
        return RetryPolicy.RETRY_NEXT_HOST, consistency
    return RetryPolicy.RETHROW, None


class ReplicasFirst(TokenAwarePolicy):
    """Try the partition's replicas first, in random order, then the other nodes; each of them once.

    The driver's own policy shuffles a list that all query plans share (`cassandra/policies.py`, TokenAwarePolicy), so a
    plan that continues later with the next node may name the same one again. If that one hangs, the statement is lost.
    A node that left the current request without an answer comes last among the replicas.
    """

    def make_query_plan(self, working_keyspace: str | None = None, query: Any = None) -> Iterator[Host]:
        """Yield the nodes in the order in which to try them."""
        keyspace = query.keyspace or working_keyspace if query else working_keyspace
        key = query.routing_key if query else None
        first = [host for host in self._cluster_metadata.get_replicas(keyspace, key)
                 if host.is_up and self.distance(host) == HostDistance.LOCAL] if keyspace and key else []
        random.shuffle(first)
        if (request := work.current()) and request.silent:
            first.sort(key=request.silent.__contains__)
        yield from first
        for host in self._child_policy.make_query_plan(keyspace, query):
            if host not in first:
                yield host


def profiles(settings: Settings, local_dc: str) -> dict[object, ExecutionProfile]:
    """Make the execution profiles.

    ``READ`` and ``WRITE`` send idempotent statements to a second node when the first one is slow, ``MAPPER`` gives
    cqlengine its rows as dicts, and ``SCHEMA`` is patient and never retries.

    :param local_dc: the data centre whose nodes are queried
    """

    def profile(**given: object) -> ExecutionProfile:
        nearby = ReplicasFirst(DCAwareRoundRobinPolicy(local_dc=local_dc))
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
        WRITE: profile(speculative_execution_policy=ConstantSpeculativeExecutionPolicy(WRITE_AGAIN, 1)),
        READ: profile(speculative_execution_policy=ConstantSpeculativeExecutionPolicy(READ_AGAIN, 1)),
        MAPPER: profile(row_factory=dict_factory),
        SCHEMA: profile(row_factory=dict_factory, retry_policy=FallthroughRetryPolicy(), request_timeout=30.0,
                        serial_consistency_level=ConsistencyLevel.SERIAL),
    }
