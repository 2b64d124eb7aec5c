"""Structured logs: one JSON object a line on standard error, times in UTC.

Never in a log: a token, a password, a body, a query string, the values of a statement.
"""

import logging
import sys
from typing import Any

import orjson
import structlog
from gunicorn.glogging import Logger

from taskapp.settings import Settings

_SHARED: list[Any] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


def configure(settings: Settings) -> None:
    """Send this process's logs, and those of its libraries, to standard error as JSON."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(serializer=_line)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(serializer=lambda *args, **given: _line(*args).decode())]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # The driver tells each failed attempt with its stack, and raises it, too; what matters we log where we catch it.
    # cqlengine would log the values of its statements.
    logging.getLogger("cassandra").setLevel(logging.CRITICAL)


class GunicornLogger(Logger):
    """gunicorn's own messages, in the form of all others."""

    def setup(self, cfg: Any) -> None:
        """Hand them to the root logger, which `configure` set up."""
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


def _line(value: Any, **_: Any) -> bytes:
    return orjson.dumps(value, default=str)
