"""A client that a generator makes of the OpenAPI document works as it is: tasks, pages, and problems with types.

The generator must not warn: it leaves out what it does not understand, such as answers with two meanings of one member.
Red when an error's schema says `status` twice, a response is not described by the one `Problem`, or an operation is
left out.
"""

import importlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.client import Client
from tests.fixtures.service import Service


@pytest.fixture(scope="module")
def generated(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("generated")
    asked = Client(service.url)
    (folder / "openapi.json").write_text(json.dumps(asked.get("/openapi.json").json))
    asked.close()
    command = ["generate", "--path", "openapi.json", "--meta", "none", "--output-path", "taskapp_client"]
    # It formats what it wrote with the ruff that is beside it.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run([sys.executable, "-m", "openapi_python_client", *command, "--fail-on-warning"], cwd=folder,
                          capture_output=True, text=True, timeout=120, env={**os.environ, "PATH": path})
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "taskapp_client"
    sys.path.remove(str(folder))


def of(generated: str, module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"{generated}.{module}"), name)


def api(generated: str, tag: str, operation: str) -> Any:
    return importlib.import_module(f"{generated}.api.{tag}.{operation}")


@pytest.fixture
def caller(generated: str, service: Service) -> Iterator[Any]:
    with of(generated, "client", "Client")(base_url=service.url) as found:
        yield found


def test_every_operation_has_a_function(generated: str, service: Service) -> None:
    asked = Client(service.url)
    paths = asked.get("/openapi.json").json["paths"]
    asked.close()
    named = [(tag, each["operationId"]) for item in paths.values() for method, each in item.items()
             if method in ("get", "post", "put", "patch", "delete") for tag in each["tags"]]
    assert len(set(named)) == len(named) > 20
    for tag, operation in named:
        assert callable(api(generated, tag, operation).sync_detailed), operation


def test_tasks_are_made_and_listed_by_pages(generated: str, caller: Any) -> None:
    create, list_ = api(generated, "tasks", "tasks_create"), api(generated, "tasks", "tasks_list")
    titles = [f"{uuid.uuid4()}" for _ in range(5)]
    for title in titles:
        made = create.sync(client=caller, body=of(generated, "models", "TaskCreate")(title=title, labels=["ops"]))
        assert isinstance(made, of(generated, "models", "Task"))
        assert (made.title, made.labels, made.version) == (title, ["ops"], 1)
    first = list_.sync_detailed(client=caller, limit=2)
    second = list_.sync_detailed(client=caller, limit=2, cursor=first.headers["Next-Cursor"])
    third = list_.sync_detailed(client=caller, limit=1, cursor=second.headers["Next-Cursor"])
    assert {answer.status_code for answer in (first, second, third)} == {HTTPStatus.OK}
    pages = [[task.title for task in answer.parsed] for answer in (first, second, third)]
    assert pages == [titles[4:2:-1], titles[2:0:-1], titles[:1]]


def test_problems_have_types(generated: str, caller: Any) -> None:
    missing = api(generated, "tasks", "tasks_get").sync(task_id=uuid.uuid4(), client=caller)
    assert isinstance(missing, of(generated, "models", "Problem"))
    assert (missing.status, str(missing.code)) == (404, "not_found")
    body = of(generated, "models", "TaskCreate")(title="")
    wrong = api(generated, "tasks", "tasks_create").sync(client=caller, body=body)
    assert isinstance(wrong, of(generated, "models", "InvalidProblem"))
    assert (wrong.status, str(wrong.code)) == (422, "invalid")
    assert [(each.pointer, bool(each.detail)) for each in wrong.errors] == [("/title", True)]
