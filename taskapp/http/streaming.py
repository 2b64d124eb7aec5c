"""Answering with rows while the database is still being read: a JSON array, or one line per row.

Sending a page waits for the client, so memory holds two pages however slow the client is
(`cassandra/mapper/stream.py`). An error before the first page is an ordinary problem. A later one ends the connection
without the last chunk, and the array without its bracket, so nobody takes the answer for complete.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, g, request

from taskapp.cassandra.driver import work
from taskapp.cassandra.mapper.stream import Page
from taskapp.http.answers import JSON
from taskapp.kit.dump import Dump
from taskapp.kit.problem import Problem
from taskapp.settings import Settings

NDJSON = "application/x-ndjson"
Objects = Iterable[list[dict[str, Any]]]
Form = Callable[[Objects], Iterator[bytes]]
log = structlog.get_logger()


def init_app(app: Flask, settings: Settings) -> None:
    """Let at most half of a worker's threads stream at once: each is busy as long as its client takes."""
    app.extensions["streams"] = threading.BoundedSemaphore(max(1, settings.threads // 2))


def rows(pages: Iterator[Page[Any]], dump: Dump) -> Response:
    """Answer with the rows of all pages, in the format that ``Accept`` prefers; JSON if it prefers neither.

    :raise Problem: ``busy``, when there is more than one page and too many other answers are being streamed
    """
    media_type = request.accept_mimetypes.best_match(_FORMS, default=JSON)
    first = next(pages)
    slots: threading.BoundedSemaphore = current_app.extensions["streams"]
    if first.more and not slots.acquire(blocking=False):
        raise Problem("busy", "Too many concurrent streamed responses. Try again.", headers={"Retry-After": "1"})
    # Tell nginx to pass the answer on without buffering.
    response = Response(_sent(chain([first], pages), dump, _FORMS[media_type], g.request_id, str(request.url_rule),
                              work.current()),
                        headers={"Vary": "Accept", "X-Accel-Buffering": "no"}, content_type=media_type)
    if first.more:
        # Released also when the client is gone, or sent a HEAD request.
        response.call_on_close(slots.release)
    return response


def _sent(pages: Iterable[Page[Any]], dump: Dump, form: Form, request_id: str, route: str,
          spent: work.Work | None) -> Iterator[bytes]:
    """Yield the chunks of an answer, and log how it ended; the request's own log line precedes this one."""
    begun, count, size, end = time.perf_counter(), 0, 0, "client gone"

    def dumped() -> Objects:
        nonlocal count
        for page in pages:
            count += len(page.rows)
            yield [dump(row) for row in page.rows]

    try:
        for chunk in form(dumped()):
            size += len(chunk)
            yield chunk
        end = "complete"
    except Exception as error:
        end = f"cut: {error}"
        raise
    finally:
        tell = log.warning if end.startswith("cut") else log.info
        tell("stream", request_id=request_id, route=route, end=end, rows=count, bytes=size,
             ms=round((time.perf_counter() - begun) * 1000, 1), db_ms=round(spent.seconds * 1000, 1) if spent else None,
             statements=spent.statements if spent else None)


def _array(pages: Objects) -> Iterator[bytes]:
    before = b"["
    for page in pages:
        if page:
            # One call per page: a call per row would cost ten times as much.
            yield before + orjson.dumps(page)[1:-1]
            before = b","
    yield b"]" if before == b"," else b"[]"


def _lines(pages: Objects) -> Iterator[bytes]:
    for page in pages:
        if page:
            yield b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in page)


_FORMS: dict[str, Form] = {JSON: _array, NDJSON: _lines}
