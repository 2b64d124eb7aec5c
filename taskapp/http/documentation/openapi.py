"""The OpenAPI document: made from the routes' contracts and the schemas themselves."""

import re
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from taskapp.http.contract import Contract, contract_of
from taskapp.http.documentation import guide
from taskapp.http.documentation.fields import Plugin, as_answer, as_patch
from taskapp.http.documentation.headers import RESPONSE_HEADERS
from taskapp.http.documentation.operation import answer_schemas, operation
from taskapp.http.documentation.problems import PROBLEM, shared_responses
from taskapp.settings import Settings

VERSION = "3.1.0"
_ARGUMENT = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def build(app: Flask) -> dict[str, Any]:
    """Describe every route of an application."""
    settings: Settings = app.extensions["settings"]
    plugin = Plugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec("taskapp", version("taskapp"), VERSION, [plugin], info={
        "summary": "A task-management service on Apache Cassandra: an acknowledged change is never lost.",
        "description": guide.markdown(settings), "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": settings.url_prefix or "/"}])
    for name, header in RESPONSE_HEADERS.items():
        spec.components.header(name, header)
    spec.components.security_scheme("token", {
        "type": "http", "scheme": "bearer", "description": "A token of POST /tokens/; open mode needs none."})
    spec.components.schema("Problem", PROBLEM)
    for code, response in shared_responses().items():
        spec.components.response(code, response)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        _add(spec, app, rule, settings.url_prefix)
    for name in sorted({contract.tag for _, contract in contracts(app)}):
        spec.tag({"name": name})
    document = spec.to_dict()
    _refine(app, document["components"]["schemas"])
    if settings.url_prefix:
        # Tools look for these at the root, wherever the rest is.
        for rule in app.url_map.iter_rules():
            if not _inside(rule.rule, settings.url_prefix):
                document["paths"][path_of(rule.rule, settings.url_prefix)]["servers"] = [{"url": "/"}]
    return document


def contracts(app: Flask) -> list[tuple[Rule, Contract]]:
    """List the routes with their contracts."""
    found = [(rule, contract_of(app, rule.endpoint)) for rule in app.url_map.iter_rules()]
    return [(rule, contract) for rule, contract in found if contract]


def path_of(rule: str, prefix: str) -> str:
    """Write a route's rule as a path of the document, without the prefix that its server has."""
    return _ARGUMENT.sub(r"{\1}", rule[len(prefix):] if _inside(rule, prefix) else rule)


def _inside(rule: str, prefix: str) -> bool:
    return bool(prefix) and rule.startswith(f"{prefix}/")


def _add(spec: APISpec, app: Flask, rule: Rule, prefix: str) -> None:
    contract = contract_of(app, rule.endpoint)
    if contract is None:
        return
    view = app.view_functions[rule.endpoint]
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    operations = {method.lower(): operation(rule, method, view, contract) for method in methods}
    spec.path(path_of(rule.rule, prefix), operations=operations)


def _refine(app: Flask, schemas: dict[str, Any]) -> None:
    for _, contract in contracts(app):
        for answer in contract.answers.values():
            for schema in answer_schemas(answer):
                as_answer(schemas[_name(schema)])
        if contract.body and "application/merge-patch+json" in contract.body_types:
            as_patch(schemas[_name(contract.body)])


def _name(schema: Any) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__.removesuffix("Schema")
