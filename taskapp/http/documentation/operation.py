"""One operation of the OpenAPI document: a method of a route."""

from collections.abc import Callable
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from marshmallow import Schema
from werkzeug.routing import Rule

from taskapp.http.contract import AUTHENTICATED, PUBLIC, Contract
from taskapp.http.documentation import headers, problems
from taskapp.http.documentation.fields import description_of, property_of
from taskapp.http.streaming import NDJSON
from taskapp.kit.parameters import Many

JSON = "application/json"


def operation(rule: Rule, method: str, view: Callable[..., Any], contract: Contract, auth: str) -> dict[str, Any]:
    """Describe what a method of a route accepts and answers, in a mode of ``TASKAPP_AUTH``."""
    described: dict[str, Any] = {
        "operationId": rule.endpoint.rstrip("_").replace(".", "_"),
        "summary": contract.summary,
        "description": _description(view, contract),
        "tags": [contract.tag],
        "security": _security(contract, auth),
        "parameters": [*_path(rule), *_query(contract), *headers.parameters(method, contract)],
        "responses": {**{str(status): _answer(status, answer, contract) for status, answer in contract.answers.items()},
                      **problems.responses(contract, method, rule.arguments)},
    }
    if contract.body:
        described["requestBody"] = {"required": True, "description": description_of(contract.body),
                                    "content": {each: {"schema": contract.body} for each in contract.body_types}}
    return described


def _description(view: Callable[..., Any], contract: Contract) -> str:
    said = contract.description or cleandoc(view.__doc__ or "")
    return said if contract.scope in (PUBLIC, AUTHENTICATED) else f"{said}\n\nScope: `{contract.scope}`."


def _security(contract: Contract, auth: str) -> list[dict[str, list[str]]]:
    # Only OAuth security schemes list scopes; the description names them.
    token: dict[str, list[str]] = {"token": []}
    if contract.scope == PUBLIC:
        # Registering and logging in work without a token, and do more with one.
        return [{}, token] if contract.writes else []
    return [token] if auth == "token" else [token, {}]


def answer_schemas(answer: Any) -> list[Schema]:
    """List the schemas of an answer; a list of them stands for an array whose items match one of them."""
    if isinstance(answer, str):
        return []
    return answer if isinstance(answer, list) else [answer]


def _answer(status: int, answer: Any, contract: Contract) -> dict[str, Any]:
    schemas = answer_schemas(answer)
    described: dict[str, Any] = {
        "description": answer if isinstance(answer, str) else f"{HTTPStatus(status).phrase}.",
        "headers": headers.references(*_headers(status, answer, schemas, contract))}
    if isinstance(answer, list):
        items = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        described["content"] = {JSON: {"schema": {"type": "array", "items": items}}}
        if contract.streamed:
            described["content"][NDJSON] = {"schema": {"type": "string", "description": "Such an item on each line."}}
    elif schemas:
        described["content"] = {JSON: {"schema": schemas[0]}}
    return described


def _headers(status: int, answer: Any, schemas: list[Schema], contract: Contract) -> list[str]:
    names = []
    if status == 304 or (schemas and not isinstance(answer, list) and "version" in schemas[0].fields):
        names.append("ETag")
    if status == 201:
        names.append("Location")
    if contract.paged and status == 200:
        names += ["Link", "Next-Cursor"]
    if contract.writes:
        names += ["Idempotency-Replayed", "RateLimit", "RateLimit-Policy"]
    return names


def _path(rule: Rule) -> list[dict[str, Any]]:
    def schema(name: str) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "string", "minLength": 1}

    return [{"in": "path", "name": name, "required": True, "schema": schema(name)} for name in sorted(rule.arguments)]


def _query(contract: Contract) -> list[dict[str, Any]]:
    found = []
    for name, field in contract.parameters.load_fields.items():
        schema = property_of(field)
        described = {"in": "query", "name": field.data_key or name, "required": field.required, "schema": schema,
                     "description": schema.pop("description", "")}
        if isinstance(field, Many):
            described |= {"style": "form", "explode": not field.commas}
        found.append(described)
    return found
