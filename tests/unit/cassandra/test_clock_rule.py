"""When a machine's clock counts as wrong."""

from datetime import datetime, timedelta

import pytest

from taskapp.cassandra.driver.clocks import ahead, fault

NOON, SECOND = datetime(2026, 1, 1, 12), timedelta(seconds=1)


@pytest.mark.parametrize(("node", "seconds"), [
    (0, 0), (1, 0), (2, 0),
    # Of a node that answers late nobody knows when it looked, so the difference is the least that it can be.
    (-3, 3), (5, -3)])
def test_the_difference_is_what_the_way_to_the_node_does_not_explain(node: int, seconds: int) -> None:
    assert ahead(NOON, NOON + node * SECOND, NOON + 2 * SECOND) == seconds


@pytest.mark.parametrize("differences", [[], [0.0], [5.0], [-5.0], [6.0, 0.0], [6.0, 0.1, -0.1], [-60.0, 6, 0, 0]])
def test_one_node_does_not_take_a_worker_away(differences: list[float]) -> None:
    assert fault(differences) is None


@pytest.mark.parametrize("differences", [[5.1], [-5.1], [6.0, 6.0, 0.0], [6.0, -7.0]])
def test_most_nodes_do(differences: list[float]) -> None:
    assert "clock" in (fault(differences) or "")
