"""gunicorn's threaded worker, whose own errors are problems, too."""

import socket
import struct
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from taskapp.cassandra.errors import DatabaseUnavailable
from taskapp.kit.clock import new_id
from taskapp.kit.problem import MEDIA_TYPE, Problem

_CODES = {414: "uri_too_long", 417: "expectation_failed", 431: "headers_too_large", 500: "internal_error",
          501: "not_implemented"}
# Seconds that a client may pause while it sends a request, or takes an answer: a thread waits for it.
PAUSE = struct.pack("ll", 10, 0)


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

    def handle(self, conn: Any) -> Any:
        """Handle a request; gunicorn has no setting for how long a client may take to send it."""
        # Once for a connection: each call lets another thread have the interpreter.
        if not conn.initialized:
            for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                conn.sock.setsockopt(socket.SOL_SOCKET, direction, PAUSE)
        return super().handle(conn)

    def init_process(self) -> None:
        """Take over the one function by which gunicorn answers errors of its own; it has no setting for that."""
        util.write_error = write_problem
        # A client that pauses for too long is no fault of ours, and needs no stack in the log; nor does a database that
        # went away while an answer was written (`http/streaming.py`, which tells it).
        self.log.error_log.addFilter(lambda record: not (record.exc_info and isinstance(
            record.exc_info[1], BlockingIOError | DatabaseUnavailable)))
        super().init_process()
