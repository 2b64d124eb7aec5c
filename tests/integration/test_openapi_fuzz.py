"""Whatever the OpenAPI document allows or forbids, an answer is one that the document knows (schemathesis).

No 5xx, no status, content type, header or shape that is not documented. Red when a route answers what its contract does
not name: `test_control…` takes a status out of the document and must see it.
"""

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from taskapp import create_app
from taskapp.settings import Settings
from tests.fixtures.client import Client
from tests.fixtures.service import Service

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
DOCUMENT: Any = create_app(Settings()).test_client().get("/openapi.json").json
OPERATIONS = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
              if method in ("get", "post", "put", "patch", "delete")]


@pytest.fixture(scope="module")
def task_id(service: Service) -> Iterator[str]:
    """A task that random writes may change, so that not every answer is a 404."""
    client = Client(service.url)
    yield client.make("Fuzzed")["task_id"]
    client.close()


def operation(document: Any, service: Service, name: str) -> Any:
    schema = schemathesis.openapi.from_dict(copy.deepcopy(document))
    schema.config.update(base_url=service.url)
    method, _, path = name.partition(" ")
    return schema[path][method]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_answer_is_documented(name: str, mode: GenerationMode, service: Service, task_id: str) -> None:
    asked = operation(DOCUMENT, service, name)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None,
              phases=[Phase.explicit, Phase.generate])
    @given(asked.as_strategy(generation_mode=mode), st.booleans())
    def run(case: schemathesis.Case, known: bool) -> None:
        if known and "task_id" in case.path_parameters:
            case.path_parameters["task_id"] = task_id
        case.call_and_validate(checks=CHECKS, timeout=30)

    try:
        run()
    except Unsatisfiable:
        # Nothing can be wrong with a request that takes no input.
        assert mode is GenerationMode.NEGATIVE


def test_the_document_does_not_depend_on_the_instance(service: Service) -> None:
    client = Client(service.url)
    assert client.get("/openapi.json").ok() == DOCUMENT
    client.close()


def test_control_a_status_that_is_not_documented_is_seen(service: Service) -> None:
    broken = copy.deepcopy(DOCUMENT)
    del broken["paths"]["/tasks/{task_id}"]["get"]["responses"]["404"]
    case = operation(broken, service, "GET /tasks/{task_id}").Case(path_parameters={"task_id": "none"})
    with pytest.raises((FailureGroup, Failure)) as caught:
        case.call_and_validate(checks=CHECKS)
    assert "status" in str(caught.value).lower()
