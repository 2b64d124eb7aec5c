"""Answering with rows while the database is still being read: a JSON array, or a line for each row.

Sending a page waits for the client, so that memory holds two pages however slow it is
(`cassandra/mapper/stream.py`). What goes wrong before the first page is a problem as anywhere. What goes wrong later
ends the connection without the last chunk, and the array without its bracket: nobody takes that for the whole.
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
    """Let half of a worker's threads stream at once: each does so for as long as its client takes."""
    app.extensions["streams"] = threading.BoundedSemaphore(max(1, settings.threads // 2))


def rows(pages: Iterator[Page[Any]], dump: Dump) -> Response:
    """Answer with the rows of all pages, in the form that ``Accept`` prefers; JSON, when it prefers neither.

    :raise Problem: ``busy``, when there is more than a page, and enough others are answered so
    """
    media_type = request.accept_mimetypes.best_match(_FORMS, default=JSON)
    first = next(pages)
    slots: threading.BoundedSemaphore = current_app.extensions["streams"]
    if first.more and not slots.acquire(blocking=False):
        raise Problem("busy", "Too many concurrent streamed responses. Try again.", headers={"Retry-After": "1"})
    # nginx is told not to gather what is meant to be passed on.
    response = Response(_sent(chain([first], pages), dump, _FORMS[media_type], g.request_id, str(request.url_rule),
                              work.current()),
                        headers={"Vary": "Accept", "X-Accel-Buffering": "no"}, content_type=media_type)
    if first.more:
        # Also when the client is gone, or asked for the head alone.
        response.call_on_close(slots.release)
    return response


def _sent(pages: Iterable[Page[Any]], dump: Dump, form: Form, request_id: str, route: str,
          spent: work.Work | None) -> Iterator[bytes]:
    """Yield the chunks of an answer, and tell in the log how it ended; the request's own line is written before."""
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
            # One call for a page: a call for each row would cost ten times as much.
            yield before + orjson.dumps(page)[1:-1]
            before = b","
    yield b"]" if before == b"," else b"[]"


def _lines(pages: Objects) -> Iterator[bytes]:
    for page in pages:
        if page:
            yield b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in page)


_FORMS: dict[str, Form] = {JSON: _array, NDJSON: _lines}
