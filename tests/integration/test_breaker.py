"""While the database does not answer, the service says so at once, and asks again by itself.

A proxy in front of the node keeps silent as a frozen node does, or answers with errors. Red when the breaker never
opens (`TASKAPP_BREAKER_SHARE=2`, the control below), when it stays open, or when errors count that are not the
database's.
"""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.client import Answer, Client
from tests.fixtures.metrics import total
from tests.fixtures.protocol_proxy import Proxy, counts, error
from tests.fixtures.service import NewService, until

ANY, THREADS = " ", 16
NOBODY_THERE, INVALID = error(0x1000, counts(2, 1)), error(0x2200)
REFUSED = "The database has not been answering"


@pytest.fixture(scope="module")
def new_caller(proxy: Proxy, new_service: NewService) -> Iterator[object]:
    made: list[Client] = []

    def make(**environment: object) -> Client:
        service = new_service(TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_CASSANDRA_PORT=proxy.port,
                              TASKAPP_SWEEP_INTERVAL=0, TASKAPP_THREADS=THREADS, **environment)
        made.append(Client(service.url))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def caller(new_caller: object) -> Client:
    return new_caller()  # type: ignore[operator,no-any-return]


def is_open(client: Client) -> bool:
    return total(client, "taskapp_breaker_open") == 1


def refused(answer: Answer) -> bool:
    return answer.status == 503 and REFUSED in answer.text


def ask(client: Client, times: int, **headers: str) -> list[Answer]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda _: client.get("/tasks/", headers=headers), range(times)))


def open_it(client: Client) -> None:
    until(lambda: any(refused(answer) for answer in ask(client, THREADS)), 20, "the breaker did not open")


def closed_again(client: Client) -> None:
    until(lambda: client.get("/tasks/").status == 200, 10, "the breaker did not close")
    assert not is_open(client)


def test_silence_opens_it_and_an_answer_closes_it(proxy: Proxy, caller: Client) -> None:
    caller.make()
    with proxy.rule(ANY, None) as silence:
        open_it(caller)
        before, times = silence.met, []
        for act in (lambda: caller.get("/tasks/"), lambda: caller.post("/tasks/", json={"title": "x"})) * 50:
            began = time.perf_counter()
            answer = act()
            times.append(time.perf_counter() - began)
            if refused(answer):
                assert answer.problem(503, "unavailable")
                assert answer.headers["Retry-After"] == "1"
            else:
                # It was the probe, and waited in vain.
                answer.problem(503)
        assert silence.met - before <= 4, "an open breaker lets one statement pass after each pause"
        # The goal is 5 ms; the margin is the machine's. Without a breaker it is 1.9 s.
        assert statistics.median(times) < 0.1
        assert caller.get("/health/live").status == 200
        assert is_open(caller)
    closed_again(caller)


def test_ready_tells_that_it_is_open_and_is_a_probe_itself(proxy: Proxy, caller: Client) -> None:
    with proxy.rule(ANY, None):
        open_it(caller)
        told = until(lambda: (answer := caller.get("/health/ready")).status == 503 and "circuit breaker" in answer.text
                     and answer, 5, "ready does not tell")
        assert told.problem(503, "unavailable")["detail"].startswith("Not ready: the circuit breaker is open")
        assert is_open(caller)
    # Nothing else asks the database.
    until(lambda: caller.get("/health/ready").status == 200, 10, "ready did not close it")
    assert not is_open(caller)


def test_changes_are_counted(proxy: Proxy, caller: Client) -> None:
    def counted() -> list[float]:
        changes = [total(caller, "taskapp_breaker_changes_total", state) for state in ('"open"', "half_open", "closed")]
        return [*changes, total(caller, "taskapp_breaker_refused_total")]

    before = counted()
    with proxy.rule(ANY, NOBODY_THERE):
        open_it(caller)
    closed_again(caller)
    assert all(now > then for then, now in zip(before, counted(), strict=True))


def test_a_level_that_callers_choose_opens_it_for_nobody(proxy: Proxy, caller: Client) -> None:
    with proxy.rule(".tasks_by_project WHERE", NOBODY_THERE):
        for answer in ask(caller, 100, **{"Consistency-Level": "ALL"}):
            assert "Consistency-Level ALL" in answer.problem(503, "unavailable")["detail"]
        assert not is_open(caller)
        open_it(caller)
    closed_again(caller)


def test_faults_of_ours_do_not_open_it(proxy: Proxy, caller: Client) -> None:
    with proxy.rule(".tasks_by_project WHERE", INVALID):
        assert {answer.status for answer in ask(caller, 100)} == {500}
        assert not is_open(caller)


def test_lost_races_do_not_open_it(caller: Client) -> None:
    task = caller.make()
    path, stale = f"/tasks/{task['task_id']}", {"If-Match": '"1"'}
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda number: caller.patch(path, json={"title": str(number)}, headers=stale).status,
                              range(100)))
    assert sorted(set(found)) == [200, 412]
    assert found.count(200) == 1
    assert not is_open(caller)


def test_control_without_it_everybody_waits(proxy: Proxy, new_caller: object) -> None:
    client: Client = new_caller(TASKAPP_BREAKER_SHARE=2)  # type: ignore[operator]
    with proxy.rule(ANY, None):
        for _ in range(3):
            began = time.monotonic()
            assert not any(refused(answer) for answer in ask(client, THREADS))
            assert time.monotonic() - began > 1.5
