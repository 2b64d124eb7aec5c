"""Starting: without a cluster, twice at once, and on tables of another release."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from taskapp import schema
from taskapp.cassandra.driver import policies
from tests.fixtures.client import Client
from tests.fixtures.service import COMMAND, ROOT, NewService, Service, until

# Nothing listens there.
NOWHERE = "127.0.0.77"


def test_gives_up_when_the_cluster_does_not_come(make_service: NewService) -> None:
    service = make_service(TASKAPP_CASSANDRA_CONTACT_POINTS=NOWHERE, TASKAPP_CONNECT_WAIT="2")
    ended = subprocess.run(COMMAND, cwd=ROOT, env=service.whole_environment, capture_output=True, text=True,
                           timeout=60, check=False)
    assert ended.returncode == 1
    assert f"Waiting for Cassandra at {NOWHERE}" in ended.stderr
    assert f"Gave up waiting for Cassandra at {NOWHERE}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_master_that_is_killed_while_it_waits_leaves_nobody_behind(make_service: NewService) -> None:
    service = make_service(TASKAPP_CASSANDRA_CONTACT_POINTS=NOWHERE, TASKAPP_CONNECT_WAIT="300")
    service.launch()
    until(lambda: "Waiting for Cassandra" in service.log(), 30, service.story)
    waiting = psutil.Process(service.pid).children(recursive=True)
    assert waiting
    service.kill_master()
    assert psutil.wait_procs(waiting, timeout=10)[1] == []


def test_the_master_never_has_the_driver_s_threads(make_service: NewService) -> None:
    with make_service(TASKAPP_WORKERS=1) as service:
        assert psutil.Process(service.pid).num_threads() == 1


def test_two_instances_on_an_empty_cluster_make_one_schema(make_service: NewService, new_keyspace: Callable[[], str],
                                                           session: Any) -> None:
    keyspace = new_keyspace()
    both = [make_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_WORKERS=1) for _ in range(2)]
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Service.start, both))
        clients = [Client(service.url) for service in both]
        task = clients[0].make("made here")
        assert clients[1].read(task) == task
        for service in both:
            assert "Traceback" not in service.log()
            assert "AlreadyExists" not in service.log()
    finally:
        for service in both:
            service.stop()
    rows = session.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s", (keyspace,),
                           execution_profile=policies.SCHEMA)
    assert {row["table_name"] for row in rows} == {model.__table_name__ for model in schema.current().tables}


def test_older_process_on_newer_tables_is_not_ready(make_service: NewService, new_keyspace: Callable[[], str],
                                                    session: Any) -> None:
    keyspace = new_keyspace()
    service = make_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_WORKERS=1)
    with service:
        pass
    _set_version(session, keyspace, schema.VERSION + 1)
    service.launch()
    try:
        client = Client(service.url)
        until(lambda: _answers(client), 30, "the service does not answer")
        problem = client.get("/health/ready").problem(503, "unavailable")
        assert "newer than this process" in problem["detail"]
        assert client.get("/health/live").status == 200
        assert "newer than this process" in service.log()
        # As soon as the tables are those it knows, it is ready, without a restart.
        _set_version(session, keyspace, schema.VERSION)
        until(lambda: client.get("/health/ready").status == 200, 10, "the service did not become ready")
    finally:
        service.stop()


def _set_version(session: Any, keyspace: str, version: int) -> None:
    session.execute(f"UPDATE {keyspace}.schema_state SET version = %s WHERE scope = 'taskapp'", (version,),
                    execution_profile=policies.SCHEMA)


def _answers(client: Client) -> bool:
    import urllib3

    try:
        return client.get("/health/live").status == 200
    except urllib3.exceptions.HTTPError:
        return False
