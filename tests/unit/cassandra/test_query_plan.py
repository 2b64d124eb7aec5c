"""A plan of nodes to ask names each of them once, the replicas first, whatever other plans do meanwhile.

Red with the driver's own `TokenAwarePolicy(shuffle_replicas=True)`: the control below.
"""

from types import SimpleNamespace
from typing import Any

from cassandra.policies import DCAwareRoundRobinPolicy, SimpleConvictionPolicy, TokenAwarePolicy
from cassandra.pool import Host
from hypothesis import given
from hypothesis import strategies as st

from taskapp.cassandra.driver import work
from taskapp.cassandra.driver.policies import ReplicasFirst

QUERY = SimpleNamespace(keyspace="ks", routing_key=b"key")


def host(number: int, *, up: bool = True) -> Host:
    made = Host(f"10.0.0.{number}", SimpleConvictionPolicy)
    made.set_location_info("dc1", "rack")
    made.is_up = up
    return made


def populated(policy: TokenAwarePolicy, hosts: list[Host], replicas: list[Host]) -> TokenAwarePolicy:
    # What the driver's metadata gives for a partition is one list, shared by all who ask.
    metadata = SimpleNamespace(get_replicas=lambda keyspace, key: replicas, can_support_partitioner=lambda: True)
    policy.populate(SimpleNamespace(metadata=metadata), [each for each in hosts if each.is_up])
    return policy


def doubled(policy: TokenAwarePolicy) -> int:
    """Count plans that name a node twice, when another plan begins after the first node was asked."""
    found = 0
    for _ in range(200):
        plan = policy.make_query_plan("ks", QUERY)
        asked = [next(plan)]
        next(policy.make_query_plan("ks", QUERY))
        asked += list(plan)
        found += len(set(asked)) < len(asked)
    return found


def test_no_node_is_asked_twice() -> None:
    hosts = [host(number) for number in range(3)]
    assert doubled(populated(ReplicasFirst(DCAwareRoundRobinPolicy("dc1")), hosts, list(hosts))) == 0


def test_control_the_drivers_own_policy_asks_some_twice() -> None:
    hosts = [host(number) for number in range(3)]
    policy = TokenAwarePolicy(DCAwareRoundRobinPolicy("dc1"), shuffle_replicas=True)
    assert doubled(populated(policy, hosts, list(hosts))) > 0


@given(size=st.integers(1, 8), replicas=st.integers(1, 3), down=st.sets(st.integers(0, 7)), routed=st.booleans())
def test_live_replicas_come_first_and_then_every_other_live_node(size: int, replicas: int, down: set[int],
                                                                 routed: bool) -> None:
    hosts = [host(number, up=number not in down) for number in range(size)]
    policy = populated(ReplicasFirst(DCAwareRoundRobinPolicy("dc1")), hosts, hosts[:replicas])
    query: Any = QUERY if routed else SimpleNamespace(keyspace="ks", routing_key=None)
    plan = list(policy.make_query_plan("ks", query))
    live = {each for each in hosts if each.is_up}
    first = live & set(hosts[:replicas])
    assert set(plan) == live
    assert len(plan) == len(live)
    assert not routed or set(plan[:len(first)]) == first


def test_every_replica_comes_first_at_times() -> None:
    hosts = [host(number) for number in range(3)]
    policy = populated(ReplicasFirst(DCAwareRoundRobinPolicy("dc1")), hosts, list(hosts))
    assert {next(policy.make_query_plan("ks", QUERY)) for _ in range(200)} == set(hosts)


def test_a_node_that_left_the_request_without_an_answer_comes_last() -> None:
    hosts = [host(number) for number in range(3)]
    policy = populated(ReplicasFirst(DCAwareRoundRobinPolicy("dc1")), hosts, list(hosts))
    with work.working(1.0) as request:
        request.silent.add(hosts[1])
        assert {list(policy.make_query_plan("ks", QUERY))[-1] for _ in range(50)} == {hosts[1]}
    assert {next(policy.make_query_plan("ks", QUERY)) for _ in range(200)} == set(hosts)
