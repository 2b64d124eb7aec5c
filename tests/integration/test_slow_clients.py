"""Whoever is slow, idle or odd on the wire costs a connection and no thread: others are answered meanwhile.

Red when a thread waits for a request: `Worker._go_on` lets a thread have a connection whatever has arrived (each of the
two threads of this service is then taken until the client is done); or when the main thread waits for a client to close
(`_end` calls `util.close_graceful`: two seconds each), or stops accepting when it holds many (no `_let_one_go`).
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import repeat
from urllib.parse import urlsplit

import pytest
import urllib3

from taskapp.http.worker import HEAD_SECONDS
from tests.fixtures.service import NewService, Service

THREADS, MANY, MORE_THAN_ARE_HELD, PATIENCE, PAUSE = 2, 64, 600, 20, 0.5
LIMIT = 1024 * 1024
LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
TASK = b'{"title":"from afar"}'


@pytest.fixture(scope="module")
def few(new_service: NewService) -> Service:
    return new_service(TASKAPP_WORKERS=1, TASKAPP_THREADS=THREADS)


@pytest.fixture
def connect(few: Service) -> Iterator[Callable[..., socket.socket]]:
    """Open connections that are closed in the end."""
    with ExitStack() as stack:
        def open_(sent: bytes = b"") -> socket.socket:
            place = urlsplit(few.url)
            made = stack.enter_context(socket.create_connection((place.hostname, place.port), timeout=PATIENCE))
            made.sendall(sent)
            return made

        yield open_


Connect = Callable[..., socket.socket]


def is_answered(service: Service) -> None:
    """Ask as anybody would, on a new connection."""
    answer = urllib3.request("GET", f"{service.url}/health/live", timeout=PATIENCE, retries=False)
    assert answer.status == 200


def whole(connection: socket.socket) -> bytes:
    """Read until the service ends the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_idle_connections(few: Service, connect: Connect) -> None:
    for _ in range(MORE_THAN_ARE_HELD):
        connect()
    is_answered(few)


@pytest.mark.parametrize(("begin", "drop"), [
    (LIVE + b"X-Slow: ", b"x"), (POST + b"Content-Length: 1000\r\n\r\n", b" "),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")], ids=["head", "body", "chunks"])
def test_clients_that_send_byte_by_byte(few: Service, connect: Connect, begin: bytes, drop: bytes) -> None:
    slow, ended, rounds = [connect(begin) for _ in range(MANY)], threading.Event(), threading.Semaphore(0)

    def trickle() -> None:
        while not ended.wait(PAUSE):
            for each in slow:
                each.sendall(drop)
            rounds.release()

    trickling = threading.Thread(target=trickle)
    trickling.start()
    try:
        for _ in range(4):
            assert rounds.acquire(timeout=PATIENCE)
            is_answered(few)
    finally:
        ended.set()
        trickling.join()


def test_clients_that_do_not_close(few: Service, connect: Connect) -> None:
    kept = [connect(LIVE + b"Connection: close\r\n\r\n") for _ in range(MANY)]
    for each in kept:
        assert each.recv(65_536).startswith(b"HTTP/1.1 200")
    is_answered(few)


def test_a_request_has_its_time(connect: Connect) -> None:
    idle, begun = connect(), connect(LIVE)
    for each in (idle, begun):
        each.settimeout(HEAD_SECONDS + PATIENCE)
    head, _, body = whole(begun).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["code"] == "request_timeout"
    assert whole(idle) == b""


@pytest.mark.parametrize("pieces", [
    [POST + b"Content-Length: %d\r\n" % len(TASK), b"\r\n" + TASK[:3], TASK[3:]],
    [POST + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n" % len(TASK), TASK + b"\r\n0\r", b"\n\r\n"],
    [POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Length: %d\r\n\r\n" % len(TASK), TASK],
    [POST + b"Content-Length: %d\r\n\r\n" % LIMIT, TASK, *repeat(b" " * 65_536, 15), b" " * (65_536 - len(TASK))],
], ids=["length", "chunks", "1.0", "of-the-limit"])
def test_a_request_in_pieces(connect: Connect, pieces: list[bytes]) -> None:
    connection = connect()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for each in pieces:
        connection.sendall(each)
    assert re.match(rb"HTTP/1.[01] 201 ", connection.recv(65_536))


def test_requests_in_one_piece_and_a_half(connect: Connect) -> None:
    task = POST + b"Content-Length: %d\r\n\r\n" % len(TASK) + TASK
    last = LIVE + b"Connection: close\r\n\r\n"
    connection = connect(task + LIVE + b"\r\n" + task[:-5])
    received = b""
    while received.count(b"HTTP/1.1 ") < 2:
        received += connection.recv(65_536)
    connection.sendall(task[-5:] + last)
    received += whole(connection)
    assert re.findall(rb"HTTP/1.1 (\d+) ", received) == [b"201", b"200", b"201", b"200"]


def test_the_body_is_asked_for(connect: Connect) -> None:
    connection = connect(POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(TASK))
    assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(TASK)
    assert re.match(rb"HTTP/1.[01] 201 ", connection.recv(65_536))


@pytest.mark.parametrize("framing", [b"Content-Length: 2000000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_that_is_too_large(few: Service, connect: Connect, framing: bytes) -> None:
    connection = connect(POST + framing + b"Expect: 100-continue\r\n\r\n")
    if b"chunked" in framing:
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"1e8480\r\n")
    # All of it is taken, so that the answer is not lost.
    for _ in range(30):
        connection.sendall(b" " * 65_536)
    head, _, body = whole(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in head
    assert json.loads(body)["code"] == "too_large"
    is_answered(few)
