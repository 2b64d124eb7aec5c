"""The OpenAPI document says what the application has, and nothing else. No database is asked."""

import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from schemathesis.specs.openapi import definitions

from taskapp import create_app
from taskapp.features.tasks.schemas import TaskCreate, TaskPatch
from taskapp.http.contract import contract_of
from taskapp.http.documentation import problems
from taskapp.http.documentation.openapi import build, contracts, path_of
from taskapp.http.documentation.operation import answer_schemas
from taskapp.kit.problem import KINDS, Problem
from taskapp.kit.validation import load_body
from taskapp.settings import Settings

OPENAPI_31 = jsonschema_rs.validator_for(definitions.OPENAPI_31)
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module", params=["", "/api/v1"])
def app(request: pytest.FixtureRequest) -> Flask:
    return create_app(Settings(url_prefix=request.param))


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return build(app)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, item[method]) for path, item in document["paths"].items() for method in item
            if method in METHODS]


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OPENAPI_31.validate(document)


@pytest.mark.parametrize("broken", [{"info": {}}, {"paths": {"/": {"get": {"responses": {"200": {}}}}}},
                                    {"servers": "/"}, {"components": {"headers": {"ETag": {"in": "path"}}}}])
def test_the_check_finds_a_broken_document(document: dict[str, Any], broken: dict[str, Any]) -> None:
    assert not OPENAPI_31.is_valid({**document, **broken})


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator(resolved(document, schema))
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        assert look_up(document, reference), reference


def test_every_route_is_in_the_document_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    prefix = app.extensions["settings"].url_prefix
    routes = {(path_of(rule.rule, prefix), method.lower()) for rule in app.url_map.iter_rules()
              for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {(path, method) for path, method, _ in operations(document)} == routes


def test_every_schema_of_a_contract_is_in_the_document_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    found = [schema for _, contract in contracts(app) for answer in contract.answers.values()
             for schema in answer_schemas(answer)]
    found += [contract.body for _, contract in contracts(app) if contract.body]
    own = {(each if isinstance(each, type) else type(each)).__name__.removesuffix("Schema") for each in found}
    assert set(document["components"]["schemas"]) == {*own, "Problem", "InvalidProblem", "InvalidMember",
                                                      "VersionProblem"}


def test_every_path_resolves_with_its_server(app: Flask, document: dict[str, Any]) -> None:
    adapter = app.url_map.bind("localhost")
    for path, item in document["paths"].items():
        server = item.get("servers", document["servers"])[0]["url"].rstrip("/")
        address = re.sub(r"\{\w+\}", "00000000-0000-4000-8000-000000000001", server + path)
        for method in METHODS & item.keys():
            endpoint, _ = adapter.match(address, method.upper())
            assert contract_of(app, endpoint)


def test_operations_are_named_once_and_described(document: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(document)]
    names = [operation["operationId"] for operation in found]
    assert len(set(names)) == len(names)
    for operation in found:
        assert operation["summary"]
        assert operation["tags"]
        assert any(status < "400" for status in operation["responses"])


def test_path_parameters_are_those_of_the_path(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        named = {each["name"] for each in parameters(document, operation) if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_every_problem_code_is_documented(document: dict[str, Any]) -> None:
    assert set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(KINDS)
    shared = document["components"]["responses"]
    elsewhere = {code for code, kind in KINDS.items()
                 if f"`{code}`" not in shared.get(f"Problem{kind.status}", {"description": ""})["description"]}
    # No operation answers these: the request is of none, or never became one.
    assert elsewhere == {"method_not_allowed", "request_timeout", "expectation_failed", "not_implemented"}
    for code in KINDS:
        assert f"| `{code}` |" in document["info"]["description"]


def test_a_route_documents_the_problems_of_its_contract(app: Flask, document: dict[str, Any]) -> None:
    prefix = app.extensions["settings"].url_prefix
    for rule in app.url_map.iter_rules():
        contract = contract_of(app, rule.endpoint)
        assert contract
        for method in METHODS & {name.lower() for name in rule.methods or ()}:
            codes = codes_of(document, document["paths"][path_of(rule.rule, prefix)][method])
            assert {*contract.problems, "invalid", "internal_error", "unavailable"} <= set(codes)
            assert all(KINDS[code].status == status for code, status in codes.items())
            # No more than these either: a shared response names the codes of all operations.
            answered = problems.codes_of(contract, method.upper(), rule.arguments)
            assert codes == {code: status for status, found in answered.items() for code in found}
            assert not contract.writes or {"idempotency_in_flight", "idempotency_mismatch", "bad_header"} <= set(codes)
            assert not contract.body or {"bad_json", "too_large", "unsupported_media_type"} <= set(codes)


def test_a_problem_fits_its_schema(document: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(resolved(document, document["components"]["schemas"]["Problem"]))
    for code in KINDS:
        validator.validate(Problem(code, "Why.", current_version=3).body("id"))
    assert not validator.is_valid({**Problem("invalid", "Why.").body("id"), "code": "unheard_of"})


# What a schema takes and what the service takes: they must agree on each.
TASKS = [
    ({"title": "x"}, True), ({}, False), ({"title": ""}, False), ({"title": "x" * 500}, True), ([], False),
    ({"title": "x" * 501}, False), ({"title": "a\nb"}, False), ({"title": "a\u2028b"}, False), ({"title": None}, False),
    ({"title": 3}, False), ({"title": "x", "more": 1}, False), ({"title": "x", "description": None}, True),
    ({"title": "x", "description": "a\nb"}, True), ({"title": "x", "description": "y" * 16_385}, False),
    ({"title": "x", "status": "completed"}, True), ({"title": "x", "status": "done"}, False),
    ({"title": "x", "status": None}, False), ({"title": "x", "priority": 5}, True),
    ({"title": "x", "priority": 6}, False), ({"title": "x", "priority": -1}, False),
    ({"title": "x", "priority": "3"}, False), ({"title": "x", "priority": True}, False),
    ({"title": "x", "due_date": "2027-01-15T12:00:00Z"}, True), ({"title": "x", "due_date": None}, True),
    ({"title": "x", "due_date": 5}, False), ({"title": "x", "labels": ["a", "a"]}, True),
    ({"title": "x", "labels": [""]}, False), ({"title": "x", "labels": ["y" * 65]}, False),
    ({"title": "x", "labels": [str(each) for each in range(50)]}, True),
    ({"title": "x", "labels": [str(each) for each in range(51)]}, False), ({"title": "x", "labels": None}, False),
    ({"title": "x", "labels": {"add": ["a"]}}, False), ({"title": "x", "metadata": {"a": "b"}}, True),
    ({"title": "x", "metadata": {"a": 1}}, False), ({"title": "x", "metadata": {"": "b"}}, False),
    ({"title": "x", "metadata": {"a": None}}, False), ({"title": "x", "metadata": {"a" * 65: "b"}}, False),
    ({"title": "x", "metadata": {str(each): "" for each in range(51)}}, False),
    ({"title": "x", "parent_id": None}, True), ({"title": "x", "project_id": None}, False),
    ({"title": "x", "assignees": ["00000000-0000-4000-8000-000000000001"]}, True),
    ({"title": "x", "assignees": ["me"]}, False), ({"title": "x", "version": 1}, False),
]
PATCHES = [
    ({}, True), ({"title": None}, False), ({"status": None}, True), ({"priority": None}, True),
    ({"labels": None}, True), ({"labels": {"add": ["a"], "remove": []}}, True), ({"labels": {"remove": ["a"]}}, True),
    ({"labels": {}}, False),
    ({"labels": {"put": ["a"]}}, False), ({"labels": {"add": "a"}}, False), ({"labels": {"add": [1]}}, False),
    ({"labels": {"add": None}}, False), ({"metadata": {"a": None}}, True), ({"metadata": None}, True),
    ({"project_id": None}, False), ({"due_date": None}, True), ({"status": "done"}, False), ({"more": 1}, False),
]


@pytest.mark.parametrize(("name", "body", "fits"), [("TaskCreate", *each) for each in TASKS]
                         + [("TaskReplace", *each) for each in TASKS] + [("TaskPatch", *each) for each in PATCHES])
def test_a_body_fits_the_document_if_the_service_takes_it(document: dict[str, Any], name: str, body: Any,
                                                          fits: bool) -> None:
    schema = resolved(document, document["components"]["schemas"][name])
    assert jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(body) == fits
    assert accepted(TaskPatch() if name == "TaskPatch" else TaskCreate(), body) == fits


def test_answers_have_every_member_and_no_defaults(document: dict[str, Any]) -> None:
    task = document["components"]["schemas"]["Task"]
    assert set(task["required"]) == set(task["properties"])
    assert "additionalProperties" not in task
    assert task["properties"]["labels"]["uniqueItems"] is True
    patch = document["components"]["schemas"]["TaskPatch"]
    for schema in (task, patch):
        assert not [name for name, member in schema["properties"].items() if "default" in member]


def test_headers_are_documented_where_they_are_read(document: dict[str, Any]) -> None:
    def headers(path: str, method: str) -> set[str]:
        found = parameters(document, document["paths"][path][method])
        return {each["name"] for each in found if each["in"] == "header"}

    assert headers("/tasks/{task_id}", "patch") == {"If-Match", "Idempotency-Key", "X-Request-ID"}
    assert headers("/tasks/{task_id}", "put") == {"If-Match", "If-None-Match", "Idempotency-Key", "X-Request-ID"}
    assert headers("/tasks/{task_id}", "get") == {"If-None-Match", "Consistency-Level", "X-Request-ID"}
    assert headers("/tasks", "get") == {"Consistency-Level", "X-Request-ID"}


def accepted(schema: Any, body: Any) -> bool:
    try:
        load_body(schema, body)
    except Problem:
        return False
    return True


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Give a schema what its references lead to."""
    return {**schema, "components": document["components"]}


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for each in value.values() for found in references(each)]


def look_up(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {})
    return found


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """List an operation's parameters, those that others share included."""
    return [look_up(document, each["$ref"]) if "$ref" in each else each for each in operation["parameters"]]


def codes_of(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, int]:
    """Find the codes that an operation documents, each with its status: its own words come before the shared ones."""
    found = {}
    for status, response in operation["responses"].items():
        if status >= "400":
            assert response["$ref"] == f"#/components/responses/Problem{status}"
            said = {**look_up(document, response["$ref"]), **response}["description"].partition(".")[0]
            found |= dict.fromkeys(re.findall("`([a-z_]+)`", said), int(status))
    return found
