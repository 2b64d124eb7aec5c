"""Structured logs on standard error: one JSON object per line, times in UTC; on a terminal, human-readable lines.

Never logged: tokens, passwords, bodies, query strings, the values of statements.
"""

import logging
import sys
from typing import Any
from urllib.parse import quote

import orjson
import structlog
from gunicorn.glogging import Logger

from taskapp.settings import Settings

_SHARED: list[Any] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]
# Client input may contain control characters that a terminal obeys.
_OBEYED = {code: f"\\x{code:02x}" for code in (*range(10), *range(11, 32), *range(127, 160))}
_console = structlog.dev.ConsoleRenderer(colors=False, timestamp_key="at")


def configure(settings: Settings) -> None:
    """Send this process's logs, and those of its libraries, to standard error."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    render = _for_a_person if sys.stderr.isatty() else _as_json
    structlog.configure(
        processors=[*_SHARED, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                    lambda *event: render(*event).decode()]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # The driver logs each failed attempt with its traceback and raises it, too; we log what matters where we catch it.
    # cqlengine would log the values of its statements.
    logging.getLogger("cassandra").setLevel(logging.CRITICAL)


class GunicornLogger(Logger):
    """gunicorn's own messages, in the same format as all others."""

    def setup(self, cfg: Any) -> None:
        """Pass them to the root logger, which `configure` set up."""
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


def _as_json(_logger: Any, _method: str, event: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _for_a_person(logger: Any, method: str, event: Any) -> bytes:
    if event["event"] != "request":
        return _console(logger, method, event).translate(_OBEYED).encode()
    return (f"{event['at'][11:19]}Z {event['method']} {quote(event['path'])} {event['status']} "
            f"in {event['ms']} ms, {event['statements']} statements").encode()
