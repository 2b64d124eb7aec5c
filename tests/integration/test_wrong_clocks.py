"""Walks by creation give each task once, whatever the clocks say, and whoever is late.

A bucket is full at 16 tasks here, and opens 1.5 s after it is announced: clocks may be ahead of the node's by one
second. Red when an announcement goes by a worker's clock, by the time of a request's first attempt, or by when it was
sent instead of when it was carried out.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import urllib3

from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from tests.fixtures.client import Client, Task
from tests.fixtures.metrics import total
from tests.fixtures.orders import check_walk
from tests.fixtures.protocol_proxy import Proxy
from tests.fixtures.service import COMMAND, PATIENCE, NewService, Service, until

SIZE, NOTICE = 16, 1.5
# Seconds; together more than the notice, so that an opening by one of the clocks could be in the other's past.
AHEAD, BEHIND = 0.9, -0.9
ANNOUNCEMENT = "toTimestamp(now()) + (duration) :notice"
NewShifted = Callable[..., Service]


@pytest.fixture
def shifted(make_service: NewService) -> NewShifted:
    """Make services with wrong clocks, which are not started yet."""

    def make(seconds: float, **environment: object) -> Service:
        made = make_service(CLOCK_SHIFT=seconds, TASKAPP_WORKERS=1, TASKAPP_BUCKET_SIZE=SIZE,
                            TASKAPP_BUCKET_NOTICE=NOTICE, **environment)
        made.command = [*COMMAND[:-1], "tests.fixtures.shifted_wsgi:app"]
        return made

    return make


@contextmanager
def clients(*services: Service) -> Iterator[list[Client]]:
    with ExitStack() as started:
        yield [Client(started.enter_context(each).url) for each in services]


class Repeats:
    """Requests that are sent again 45 s after a worker died with them, which had done nothing but claim the key."""

    def __init__(self, session: Any, keyspace: str, client: Client) -> None:
        self._session, self._keyspace, self._client = session, keyspace, client
        self.first = self._send("first")
        (self._fingerprint,) = self._execute("SELECT fingerprint FROM $ks.idempotency_keys").one().values()

    def send(self) -> Task:
        key = uuid.uuid4().hex
        self._execute("INSERT INTO $ks.idempotency_keys (caller, key, fingerprint, claimed_at, owner) "
                      "VALUES (%s, %s, %s, %s, %s)", BUILT_IN_USER, key, self._fingerprint,
                      clock.now() - timedelta(seconds=45), uuid.uuid4())
        return self._send(key)

    def _send(self, key: str) -> Task:
        task: Task = self._client.post("/tasks/", json={"title": "x"}, headers={"Idempotency-Key": key}).ok(201)
        return task

    def _execute(self, text: str, *values: object) -> Any:
        return self._session.execute(text.replace("$ks", self._keyspace), values)


def newest_bucket(session: Any, keyspace: str) -> int:
    found = session.execute(f"SELECT DISTINCT project_id, shelf, bucket FROM {keyspace}.tasks_by_project")
    return max(row["bucket"] for row in found)


def check(session: Any, keyspace: str, client: Client, made: list[Task]) -> None:
    """Walk in both directions, in pages that end anywhere; and look whether buckets hold disjoint spans of time."""
    for sort in ("created_at", "-created_at"):
        check_walk(client.walk(sort=sort, limit=23), made, sort)
    opened = [row["opened_at"] for row in session.execute(f"SELECT * FROM {keyspace}.project_buckets") if row["bucket"]]
    for row in session.execute(f"SELECT bucket, created_at FROM {keyspace}.tasks_by_project"):
        assert row["bucket"] == sum(at <= row["created_at"] for at in opened)


def test_clocks_that_differ_and_requests_that_are_sent_again(
        session: Any, new_keyspace: Callable[[], str], shifted: NewShifted) -> None:
    keyspace = new_keyspace()
    ahead, behind = (shifted(each, TASKAPP_CASSANDRA_KEYSPACE=keyspace) for each in (AHEAD, BEHIND))
    with clients(ahead, behind) as both:
        repeats = Repeats(session, keyspace, both[1])
        made = [repeats.first]

        def opened() -> bool:
            made.extend(each.make() for each in both)
            made.append(repeats.send())
            return newest_bucket(session, keyspace) >= 2

        until(opened, 60, "no bucket opened")
        for client in both:
            check(session, keyspace, client, made)


def test_an_announcement_that_the_node_carries_out_late(
        session: Any, new_keyspace: Callable[[], str], shifted: NewShifted, proxy: Proxy) -> None:
    keyspace = new_keyspace()
    service = shifted(0, TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address,
                      TASKAPP_CASSANDRA_PORT=proxy.port, TASKAPP_BREAKER_SHARE=2, **PATIENCE)
    with clients(service) as (client,), proxy.rule(ANNOUNCEMENT, None, late=True) as rule:
        made = [client.make() for _ in range(SIZE - 1)]
        began = clock.now()
        # Each of these waits in vain for its announcement's answer.
        while clock.now() < began + timedelta(seconds=NOTICE):
            made.append(client.make())
        # It would be in the next bucket by the time at which the first announcement was sent.
        made.append(client.make())
        assert rule.release() >= 2

        def opened() -> bool:
            made.append(client.make())
            return newest_bucket(session, keyspace) >= 1

        until(opened, 60, "no bucket opened")
        check(session, keyspace, client, made)


@pytest.mark.parametrize("seconds", [6, -6])
def test_a_worker_whose_clock_is_wrong_is_not_ready(keyspace: str, shifted: NewShifted, seconds: int) -> None:
    service = shifted(seconds, TASKAPP_CASSANDRA_KEYSPACE=keyspace)
    service.launch()
    try:
        until(lambda: "clock" in ready(service), 60, service.story)
        # What an answer is late on a busy machine counts as well.
        found = re.search(r"by ([+-][0-9.]+) s", ready(service))
        assert found
        assert float(found[1]) == pytest.approx(seconds, abs=1)
        client = Client(service.url)
        assert total(client, "taskapp_clock_difference_seconds") == pytest.approx(6, abs=1)
        # Who is sent to it all the same is served.
        client.make()
        client.close()
        assert "clock differs" in service.log()
    finally:
        service.stop()


def ready(service: Service) -> str:
    try:
        answer = urllib3.request("GET", f"{service.url}/health/ready", retries=False, timeout=5)
    except urllib3.exceptions.HTTPError:
        return ""
    return answer.data.decode() if answer.status == 503 else ""
