"""gunicorn's threaded worker, whose own errors are problems, too."""

from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from taskapp.kit.clock import new_id
from taskapp.kit.problem import MEDIA_TYPE, Problem

_CODES = {403: "bad_request", 414: "uri_too_long", 431: "headers_too_large", 500: "internal_error"}


def write_problem(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer a request that gunicorn could not read."""
    problem = Problem(_CODES.get(status, "bad_request"), f"The request cannot be read: {reason}.")
    request_id = new_id().hex
    body = orjson.dumps({**problem.body(request_id), "status": status, "title": HTTPStatus(status).phrase})
    head = (f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n")
    util.write_nonblock(sock, head.encode() + body)


class Worker(ThreadWorker):
    """The threaded worker."""

    def init_process(self) -> None:
        """Take over the one function by which gunicorn answers errors of its own; it has no setting for that."""
        util.write_error = write_problem
        super().init_process()
