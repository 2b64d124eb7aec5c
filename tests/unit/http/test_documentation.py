"""The page that shows the API, and what a problem's type leads to. No database is asked."""

import hashlib
import re

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskapp import create_app
from taskapp.http.documentation import VIEWER
from taskapp.http.documentation.examples import EXAMPLES
from taskapp.http.documentation.openapi import build, contracts
from taskapp.kit.problem import KINDS, problem_type
from taskapp.kit.validation import load_body
from taskapp.settings import TOP, Settings


@pytest.fixture(scope="module", params=["", "/api/v1"])
def app(request: pytest.FixtureRequest) -> Flask:
    return create_app(Settings(url_prefix=request.param))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_page_runs_this_service_s_scripts_and_styles_alone(app: Flask, client: FlaskClient) -> None:
    answer = client.get(f"{app.extensions['settings'].url_prefix}/docs")
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    policy = dict(each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert re.findall(r"<(?:script|style)(?![^>]*\bsrc=)", answer.text) == []
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", answer.text) == []
    found = re.findall(r'(?:src|href|data-document)="([^"]+)"', answer.text)
    assert len(found) >= 5
    for address in found:
        if address != "data:,":
            assert re.match("/(?!/)", address), "an address of another server"
            with client.get(address) as file:
                assert file.status_code == 200


def test_the_viewer_is_the_one_that_was_published(client: FlaskClient) -> None:
    folder = TOP / "taskapp" / "web" / VIEWER
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert {each.name for each in folder.iterdir()} == {*sums, "SHA256SUMS"}
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums} == sums
    assert "Apache License" in (folder / "LICENSE").read_text()


def test_every_example_is_taken_as_it_stands(app: Flask) -> None:
    schemas = build(app)["components"]["schemas"]
    bodies = {type(contract.body).__name__: contract.body for _, contract in contracts(app) if contract.body}
    assert {"UserCreate", "TokenCreate", "AnimalCreate", "TaskCreate", "TaskPatch"} <= bodies.keys()
    for name, body in bodies.items():
        for example in schemas[name]["examples"]:
            assert example, name
            load_body(body, example)


def test_every_example_fits_its_schema(app: Flask) -> None:
    document = build(app)
    for name, example in EXAMPLES.items():
        schema = {**document["components"]["schemas"][name], "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(example)
    for name, response in document["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        schema = {**content["schema"], "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(content["example"])
        assert name == f"Problem{content['example']['status']}"
        assert f"`{content['example']['code']}`" in response["description"]


def test_passwords_are_told_as_such(app: Flask) -> None:
    schemas = build(app)["components"]["schemas"]
    for name, member in (("UserCreate", "password"), ("UserPatch", "current_password"), ("TokenCreate", "password")):
        told = schemas[name]["properties"][member]
        assert (told["format"], told["writeOnly"]) == ("password", True)


@pytest.mark.parametrize("code", KINDS)
def test_a_problem_s_type_leads_to_what_it_means(client: FlaskClient, code: str) -> None:
    answer = client.get(problem_type(code))
    assert answer.json == {"type": problem_type(code), "code": code, "status": KINDS[code].status,
                           "title": answer.json["title"], "meaning": KINDS[code].meaning}
    html = client.get(problem_type(code), headers={"Accept": "text/html,*/*;q=0.8"})
    assert html.mimetype == "text/html"
    assert f"<code>{code}</code>" in html.text


@pytest.mark.parametrize("slug", ["unheard-of", "version_conflict", "Version-Conflict", "-"])
def test_another_type_is_not_found(client: FlaskClient, slug: str) -> None:
    answer = client.get(f"/problems/{slug}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
