"""The page that shows the API, and what a problem's type leads to. No database is asked."""

import base64
import hashlib
import json
import re
import shlex

import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskapp import create_app
from taskapp.http.documentation.openapi import build, contracts
from taskapp.http.documentation.page import type_of, view_of
from taskapp.kit.problem import KINDS, problem_type
from taskapp.kit.validation import load_body
from taskapp.settings import Settings


@pytest.fixture(scope="module", params=["", "/api/v1"])
def app(request: pytest.FixtureRequest) -> Flask:
    return create_app(Settings(url_prefix=request.param))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(app: Flask, client: FlaskClient) -> str:
    return client.get(f"{app.extensions['settings'].url_prefix}/docs").text


def test_the_page_shows_every_operation_object_and_code(app: Flask, page: str) -> None:
    document = build(app)
    for item in document["paths"].values():
        for method in {"get", "post", "put", "patch", "delete"} & item.keys():
            assert f'id="{item[method]["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="object-{name}"' in page
    for code in KINDS:
        assert f'id="code-{code}"' in page


def test_every_link_inside_the_page_leads_somewhere(page: str) -> None:
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_the_page_asks_no_other_server_and_runs_no_script(page: str) -> None:
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_the_policy_allows_the_page_s_own_style_alone(app: Flask, client: FlaskClient) -> None:
    answer = client.get(f"{app.extensions['settings'].url_prefix}/docs")
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_every_example_is_taken_as_it_stands(app: Flask) -> None:
    document = build(app)
    shown = {each["id"]: each["curl"] for _, group in view_of(document, app.extensions["settings"])["tags"]
             for each in group}
    bodies = {rule.endpoint.rstrip("_").replace(".", "_"): contract.body for rule, contract in contracts(app)}
    sent = {name: json.loads(shlex.split(shown[name])[-1]) for name, body in bodies.items() if body}
    assert {"users_register", "tokens_create", "wildlife_add_animal"} <= sent.keys()
    for name, example in sent.items():
        assert example, name
        load_body(bodies[name], example)


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


@pytest.mark.parametrize(("schema", "words"), [
    ({"type": "integer", "minimum": 0, "maximum": 5}, "integer, 0 to 5"),
    ({"type": ["string", "null"], "format": "date-time"}, "string or null, date-time"),
    ({"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": 1000},
     "array of (string, at most 64 characters), at most 1,000 values"),
    ({"type": "string", "enum": ["a", None]}, '"a" or null'),
    ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "boolean or null"),
])
def test_a_schema_is_told_in_words(schema: dict[str, object], words: str) -> None:
    assert type_of(schema) == words
