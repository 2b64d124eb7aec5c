"""The tutorial's five lines, as they stand but for the port (tutorials.md, 1)."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.service import ROOT, Service

CREATE = """curl -X POST "http://localhost:8000/tasks/" -H "Content-Type: application/json" \\
  -d '{"title":"Complete project","description":"Finish the API implementation","status":"pending"}'"""
LIST = 'curl "http://localhost:8000/tasks/"'
GET = 'curl "http://localhost:8000/tasks/{task_id}"'
PUT = """curl -X PUT "http://localhost:8000/tasks/{task_id}" -H "Content-Type: application/json" \\
  -d '{"title":"Complete project","description":"API implementation done","status":"completed"}'"""
DELETE = 'curl -X DELETE "http://localhost:8000/tasks/{task_id}"'
Shell = Callable[..., Any]


@pytest.fixture
def shell(service: Service) -> Shell:
    def run(line: str, **names: str) -> Any:
        for name, value in names.items():
            line = line.replace(f"{{{name}}}", value)
        line = line.replace("localhost:8000", f"localhost:{service.environment['PORT']}")
        if not shutil.which("curl"):
            line = line.replace("curl", f"{sys.executable} -m tests.fixtures.curl", 1)
        done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, check=True, timeout=30)
        return json.loads(done.stdout)

    return run


def test_the_five_lines(shell: Shell) -> None:
    made = shell(CREATE)
    assert made["title"] == "Complete project"
    assert made["description"] == "Finish the API implementation"
    assert made["status"] == "pending"
    assert {"task_id", "due_date", "created_at", "updated_at"} <= set(made)

    assert made in shell(LIST)
    assert shell(GET, task_id=made["task_id"]) == made

    put = shell(PUT, task_id=made["task_id"])
    assert (put["description"], put["status"]) == ("API implementation done", "completed")
    assert put["created_at"] == made["created_at"]
    assert put in shell(LIST)

    assert shell(DELETE, task_id=made["task_id"])["message"] == "Task deleted successfully"
    assert shell(GET, task_id=made["task_id"])["detail"] == "Task not found"
    assert made["task_id"] not in [task["task_id"] for task in shell(LIST)]


def test_the_welcome(shell: Shell) -> None:
    assert shell('curl "http://localhost:8000/"')["message"] == "Welcome to Task Manager API"


def test_the_title_alone_is_enough(shell: Shell) -> None:
    made = shell("""curl -X POST "http://localhost:8000/tasks/" -H "Content-Type: application/json" """
                 """-d '{"title":"Complete project"}'""")
    assert (made["status"], made["description"], made["due_date"]) == ("pending", None, None)
