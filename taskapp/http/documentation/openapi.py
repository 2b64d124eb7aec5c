"""The OpenAPI document, built from the routes' contracts and the schemas themselves."""

import re
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from taskapp.http.contract import Contract, contract_of
from taskapp.http.documentation import components, problems
from taskapp.http.documentation.examples import EXAMPLES
from taskapp.http.documentation.fields import Plugin, as_answer, as_patch
from taskapp.http.documentation.headers import RESPONSE_HEADERS
from taskapp.http.documentation.operation import answer_schemas, operation
from taskapp.http.documentation.tags import tags
from taskapp.kit import strict_json
from taskapp.kit.caller import SCOPES
from taskapp.kit.problem import KINDS
from taskapp.settings import Settings

VERSION = "3.1.0"
_ARGUMENT = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def build(app: Flask) -> dict[str, Any]:
    """Describe every route of an application."""
    settings: Settings = app.extensions["settings"]
    spec = _empty(app, settings)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        _add(spec, app, rule, settings)
    used = {contract.tag for _, contract in contracts(app)}
    for name, meaning in tags().items():
        if name in used:
            spec.tag({"name": name, "description": meaning})
    document = spec.to_dict()
    _refine(app, document["components"]["schemas"])
    if settings.url_prefix:
        # Tools look for these at the root, whatever the prefix.
        for rule in app.url_map.iter_rules():
            if not _inside(rule.rule, settings.url_prefix):
                document["paths"][path_of(rule.rule, settings.url_prefix)]["servers"] = [{"url": "/"}]
    components.share_parameters(document)
    components.drop_unused(document)
    return document


def _empty(app: Flask, settings: Settings) -> APISpec:
    guide = app.jinja_env.get_template("guide.md").render(settings=settings, scopes=SCOPES, kinds=KINDS,
                                                          limits=strict_json)
    plugin = Plugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec("taskapp", version("taskapp"), VERSION, [plugin], info={
        "summary": "A task-management service on Apache Cassandra: an acknowledged change is never lost.",
        "description": guide, "license": {"name": "MIT", "identifier": "MIT"},
        "contact": {"name": "The operator of this service"}},
        servers=[{"url": settings.url_prefix or "/", "description": "This service."}])
    for name, header in RESPONSE_HEADERS.items():
        spec.components.header(name, header)
    spec.components.security_scheme("token", {
        "type": "http", "scheme": "bearer", "description": "A token of `POST /tokens`; open mode needs none."})
    for name, schema in problems.schemas().items():
        spec.components.schema(name, schema)
    for name, response in problems.shared_responses().items():
        spec.components.response(name, response)
    return spec


def contracts(app: Flask) -> list[tuple[Rule, Contract]]:
    """List the routes with their contracts."""
    found = [(rule, contract_of(app, rule.endpoint)) for rule in app.url_map.iter_rules()]
    return [(rule, contract) for rule, contract in found if contract]


def path_of(rule: str, prefix: str) -> str:
    """Turn a route's rule into a path of the document, without the server's prefix and without a trailing slash."""
    path = _ARGUMENT.sub(r"{\1}", rule[len(prefix):] if _inside(rule, prefix) else rule)
    return path.rstrip("/") or "/"


def _inside(rule: str, prefix: str) -> bool:
    return bool(prefix) and rule.startswith(f"{prefix}/")


def _add(spec: APISpec, app: Flask, rule: Rule, settings: Settings) -> None:
    contract = contract_of(app, rule.endpoint)
    if contract is None:
        return
    view = app.view_functions[rule.endpoint]
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    operations = {method.lower(): operation(rule, method, view, contract, settings.auth) for method in methods}
    path = path_of(rule.rule, settings.url_prefix)
    spec.path(path, operations=operations)


def _refine(app: Flask, schemas: dict[str, Any]) -> None:
    for _, contract in contracts(app):
        for answer in contract.answers.values():
            for schema in answer_schemas(answer):
                as_answer(schemas[_name(schema)])
        if contract.body and "application/merge-patch+json" in contract.body_types:
            as_patch(schemas[_name(contract.body)])
    for name, schema in schemas.items():
        if name in EXAMPLES:
            schema["examples"] = [EXAMPLES[name]]


def _name(schema: Any) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__.removesuffix("Schema")
