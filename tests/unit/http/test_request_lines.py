"""Where a person looks, a request is one readable line; anywhere else, one JSON object."""

import json
import os
import pty
import subprocess
import sys

PROGRAM = """
import logging, structlog
from taskapp.http import logs
from taskapp.settings import Settings
logs.configure(Settings())
structlog.get_logger().info("request", request_id="7", method="GET", path="/tasks/\\x1b[2J\\n", route="/tasks/<id>",
                            status=404, ms=3.1, db_ms=1.0, statements=2)
logging.getLogger("any").warning("slow", extra={"what": "\\x1b[2J"})
"""
COMMAND = [sys.executable, "-c", PROGRAM]


def on_a_terminal() -> list[str]:
    ours, theirs = pty.openpty()
    try:
        subprocess.run(COMMAND, stderr=theirs, check=True)
        return os.read(ours, 10_000).decode().splitlines()
    finally:
        os.close(ours)
        os.close(theirs)


def test_on_a_terminal_a_request_is_a_line_to_read() -> None:
    request, other = on_a_terminal()
    assert request.split(" ", 1)[1] == "GET /tasks/%1B%5B2J%0A 404 in 3.1 ms, 2 statements"
    assert "warning" in other
    assert "slow" in other
    assert "\x1b" not in request + other, "what a client sent moves the cursor"


def test_elsewhere_it_is_json() -> None:
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=True)
    request, other = map(json.loads, done.stderr.splitlines())
    assert (request["event"], request["path"], request["status"]) == ("request", "/tasks/\x1b[2J\n", 404)
    assert other["event"] == "slow"
