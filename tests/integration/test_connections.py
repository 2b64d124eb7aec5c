"""Connections that stay open are shared evenly among workers, and none waits for a thread that idles with another.

Red when: a worker takes whatever it gets (`give_way` does nothing: one of two then often holds all of sixteen); a
thread stays with its connection although another one waits (`_more_follows` without its first look).
"""

import http.client
import re
import socket
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest

from tests.fixtures.service import NewService, Service, until

WORKERS, CONNECTIONS, TIMES, THREADS = 2, 16, 15, 2


def connected(service: Service) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=20)


def ask(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/health/live")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200


def held(service: Service) -> list[int]:
    """Count the connections of each worker."""
    port = urlsplit(service.url).port
    return [sum(each.laddr.port == port and each.status == psutil.CONN_ESTABLISHED
                for each in worker.net_connections("tcp")) for worker in psutil.Process(service.pid).children()]


@pytest.fixture(scope="module")
def few_threads(new_service: NewService) -> Service:
    return new_service(TASKAPP_WORKERS=1, TASKAPP_THREADS=THREADS)


def opened(service: Service) -> list[int]:
    """Open connections at once, and tell how many each worker took."""
    with ExitStack() as stack:
        place, before = urlsplit(service.url), sum(held(service))
        for _ in range(CONNECTIONS):
            stack.enter_context(socket.create_connection((place.hostname, place.port)))
        counts: list[int] = until(lambda: sum(now := held(service)) >= before + CONNECTIONS and now, 20,
                                  "they are not accepted")
    until(lambda: sum(held(service)) <= before, 20, "they are not let go")
    return counts


def test_workers_share_connections_evenly(new_service: NewService) -> None:
    service = new_service(TASKAPP_WORKERS=WORKERS)
    # It is ready when one of them is.
    until(lambda: min(opened(service)) > 0, 20, "a worker takes no connections")
    counts = [opened(service) for _ in range(TIMES)]
    # Eight each, but for a worker that is not awake in time, which happens now and then on a busy machine. Left to
    # chance, most tries end with one or two at one of them, and a quarter with four or more.
    assert sum(min(each) >= CONNECTIONS / WORKERS / 2 for each in counts) > TIMES / 2, counts


class Busy:
    """Two clients that keep a service of two threads busy.

    :param answers: how many they got so far
    """

    def __init__(self, service: Service) -> None:
        self.answers, self._service, self._ended = 0, service, threading.Event()
        self._clients = [threading.Thread(target=self._go_on) for _ in range(THREADS)]

    def __enter__(self) -> "Busy":
        for each in self._clients:
            each.start()
        until(lambda: self.answers > 10 * THREADS, 20, "nobody is busy")
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for each in self._clients:
            each.join()

    def _go_on(self) -> None:
        connection = connected(self._service)
        while not self._ended.is_set():
            ask(connection)
            self.answers += 1
        connection.close()


def test_a_connection_is_heard_beside_busy_ones(few_threads: Service) -> None:
    connection, times = connected(few_threads), 20
    with Busy(few_threads) as busy:
        before = busy.answers
        for _ in range(times):
            ask(connection)
        # Two for each of its own would be fair.
        assert busy.answers - before < times * 10
    connection.close()


def test_many_requests_on_one_connection(few_threads: Service) -> None:
    connection = connected(few_threads)
    for _ in range(100):
        ask(connection)
    connection.close()


def test_requests_that_come_together_are_answered_in_order(few_threads: Service) -> None:
    names = [f"number-{number}" for number in range(50)]
    sent = "".join(f"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: {name}\r\n"
                   f"Connection: {'close' if name == names[-1] else 'keep-alive'}\r\n\r\n" for name in names)
    where = urlsplit(few_threads.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(sent.encode())
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    assert re.findall(r"X-Request-ID: (\S+)", received.decode()) == names
