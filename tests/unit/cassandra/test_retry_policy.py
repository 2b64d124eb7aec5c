"""Only what says of itself that it is idempotent is sent twice.

Red when a retry is decided without a look at `is_idempotent`, as the driver's own policy does after a connection error.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from cassandra import ConsistencyLevel, OperationTimedOut, WriteType
from cassandra.policies import RetryPolicy
from hypothesis import given
from hypothesis import strategies as st

from taskapp.cassandra.driver import policies
from taskapp.settings import Settings

ONE = ConsistencyLevel.LOCAL_QUORUM
CALLS: dict[str, tuple[Any, ...]] = {
    "on_read_timeout": (ONE, 2, 1, False), "on_write_timeout": (ONE, WriteType.SIMPLE, 2, 1),
    "on_unavailable": (ONE, 2, 1), "on_request_error": (ONE, OperationTimedOut())}


def decide(name: str, query: object, retry: int) -> tuple[Any, Any]:
    policy = policies.IdempotenceAwareRetryPolicy()
    return getattr(policy, name)(query, *CALLS[name], retry)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CALLS)
@given(retry=st.integers(0, 50), query=st.sampled_from(
    [SimpleNamespace(is_idempotent=False), SimpleNamespace(is_idempotent=None), SimpleNamespace(), None, "SELECT"]))
def test_what_is_not_idempotent_is_never_sent_again(name: str, retry: int, query: object) -> None:
    assert decide(name, query, retry)[0] == RetryPolicy.RETHROW


@pytest.mark.parametrize("name", CALLS)
def test_what_is_idempotent_is_sent_again_a_bounded_number_of_times(name: str) -> None:
    query = SimpleNamespace(is_idempotent=True)
    decisions = [decide(name, query, retry)[0] for retry in range(20)]
    assert decisions[0] == RetryPolicy.RETRY_NEXT_HOST
    assert decisions[2:] == [RetryPolicy.RETHROW] * 18


def test_control_the_drivers_own_policy_sends_anything_again() -> None:
    query = SimpleNamespace(is_idempotent=False)
    decision = RetryPolicy().on_request_error(query, ONE, OperationTimedOut(), 0)
    assert decision[0] != RetryPolicy.RETHROW


def test_profiles() -> None:
    made = policies.profiles(Settings(), "datacenter1")
    for profile in made.values():
        assert profile.consistency_level == ConsistencyLevel.LOCAL_QUORUM
        assert profile.request_timeout <= 2.0 or profile is made[policies.SCHEMA]
    assert made[policies.WRITE].serial_consistency_level == ConsistencyLevel.LOCAL_SERIAL
    for name in (policies.READ, policies.WRITE, policies.MAPPER):
        assert isinstance(made[name].retry_policy, policies.IdempotenceAwareRetryPolicy)
