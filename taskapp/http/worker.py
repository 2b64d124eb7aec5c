"""gunicorn's threaded worker, whose own errors are problems, too, and which leaves its fellows their share."""

import select
import socket
import struct
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.http.balance import Held
from taskapp.kit.clock import new_id
from taskapp.kit.problem import MEDIA_TYPE, Problem

_CODES = {414: "uri_too_long", 417: "expectation_failed", 431: "headers_too_large", 500: "internal_error",
          501: "not_implemented"}
# Seconds that a client may pause while it sends a request, or takes an answer: a thread waits for it.
PAUSE = struct.pack("ll", 10, 0)
# Milliseconds that a thread which nobody else needs waits for the next request of its connection. To give it back to
# the main thread and to get it again is a third of a worker's time with the interpreter (`py-spy record --gil`, GET one
# task): with this, 16 clients get 1.3 times as many answers.
LINGER_MS = 10
# Made in the master, before it forks.
held = Held()


def write_problem(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer a request that gunicorn could not read."""
    problem = Problem(_CODES.get(status, "bad_request"), f"The request cannot be read: {reason}.")
    request_id = new_id().hex
    body = orjson.dumps({**problem.body(request_id), "status": status, "title": HTTPStatus(status).phrase})
    head = (f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n")
    util.write_nonblock(sock, head.encode() + body)


class Worker(ThreadWorker):
    """The threaded worker, whose threads do not wait for a client without end."""

    _accepting, _connections = False, 0

    @property
    def nr_conns(self) -> int:
        """How many connections it holds; gunicorn counts them here."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = count
        self._tell()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or cease to accept connections."""
        super().set_accept_enabled(enabled)
        self._tell()

    def _tell(self) -> None:
        if self._accepting:
            held.tell(self.age, self._connections)
        else:
            held.forget(self.age)

    def accept(self, listener: Any) -> None:
        """Accept a connection, unless a worker that has fewer takes it first."""
        held.give_way(self.age)
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        """Handle a request, and those that follow at once on the same connection.

        gunicorn has no setting for how long a client may take to send one.
        """
        # Once for a connection: each call lets another thread have the interpreter.
        if not conn.initialized:
            for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                conn.sock.setsockopt(socket.SOL_SOCKET, direction, PAUSE)
        kept = super().handle(conn)
        while kept is True and self._more_follows(conn):
            kept = super().handle(conn)
        return kept

    def _more_follows(self, conn: Any) -> bool:
        if not self.alive or not self.tpool._work_queue.empty():
            # The worker ends, or another connection waits for a thread.
            return False
        if conn.parser.unreader.buf.getvalue():
            # The next request came together with this one.
            return True
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(LINGER_MS))

    def init_process(self) -> None:
        """Take over the one function by which gunicorn answers errors of its own; it has no setting for that."""
        util.write_error = write_problem
        # A client that pauses for too long is no fault of ours, and needs no stack in the log; nor does a database that
        # went away while an answer was written (`http/streaming.py`, which tells it).
        self.log.error_log.addFilter(lambda record: not (record.exc_info and isinstance(
            record.exc_info[1], BlockingIOError | DatabaseUnavailable)))
        super().init_process()
