"""What `/metrics` tells of the database: right for all workers together, and there before anything happened."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.client import Client
from tests.fixtures.metrics import samples, total
from tests.fixtures.replicas import too_few_replicas
from tests.fixtures.service import NewService, Service, until

WORKERS = 3


@pytest.fixture(scope="module")
def three_workers(new_service: NewService) -> Service:
    return new_service(TASKAPP_WORKERS=WORKERS)


@pytest.fixture
def scraper(three_workers: Service) -> Any:
    # One connection, hence one worker that is asked.
    client = Client(three_workers.url)
    yield client
    client.close()


def gauges_of_three(client: Client) -> bool:
    return total(client, "taskapp_connections") == WORKERS


def test_gauges_are_those_of_all_workers(scraper: Client) -> None:
    until(lambda: gauges_of_three(scraper), 15, lambda: f"not {WORKERS} connections: {samples(scraper)}")
    # What one worker has prepared, all have.
    until(lambda: prepared_alike(scraper), 15, "the workers differ in what they prepared")


def prepared_alike(client: Client) -> bool:
    each, rest = divmod(total(client, "taskapp_prepared_statements"), WORKERS)
    return each > 20 and rest == 0


def test_nodes_are_not_counted_once_for_each_worker(scraper: Client) -> None:
    until(lambda: gauges_of_three(scraper), 15, "the workers are not there")
    assert total(scraper, "taskapp_nodes", 'state="known"') == 1
    assert total(scraper, "taskapp_nodes", 'state="connected"') == 1


def test_a_worker_that_died_is_counted_no_more(three_workers: Service, scraper: Client) -> None:
    until(lambda: gauges_of_three(scraper), 15, "the workers are not there")
    (worker, *_) = workers_of(three_workers)
    os.kill(worker, signal.SIGKILL)
    until(lambda: len(workers_of(three_workers) - {worker}) == WORKERS, 15, "the worker was not replaced")
    again = Client(three_workers.url)
    until(lambda: gauges_of_three(again), 15, lambda: f"not {WORKERS} connections: {samples(again)}")
    again.close()


def workers_of(service: Service) -> set[int]:
    with open(f"/proc/{service.pid}/task/{service.pid}/children") as children:
        return {int(pid) for pid in children.read().split()}


def test_what_never_happened_is_shown_as_zero(scraper: Client) -> None:
    found = samples(scraper)
    for name, labels in (("taskapp_unknown_outcomes_total", 'found="unknown"'),
                         ("taskapp_node_errors_total", 'kind="connection"'),
                         ("taskapp_statement_retries_total", 'reason="read_timeout"'),
                         ("taskapp_projections_repaired_total", 'by="repair"')):
        assert found[name, labels] == 0


def test_failures_are_counted_by_node_by_retry_and_by_statement(new_service: NewService, session: Any,
                                                                new_keyspace: Callable[[], str]) -> None:
    keyspace = new_keyspace()
    client = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    task = client.make()
    with too_few_replicas(session, keyspace):
        client.get(f"/tasks/{task['task_id']}").problem(503, "unavailable")
        assert total(client, "taskapp_node_errors_total", 'kind="unavailable"') == 1
        assert total(client, "taskapp_statement_retries_total", 'reason="unavailable"') == 1
        assert total(client, "taskapp_statement_errors_total", 'statement="tasks.get"') == 1
    client.read(task)
    assert total(client, "taskapp_statement_errors_total") == 1
    client.close()
