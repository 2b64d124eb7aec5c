"""What the documentation page shows: the OpenAPI document, arranged for a reader."""

import re
import shlex
from typing import Any

import orjson
from markupsafe import Markup, escape

from taskapp.http.documentation import guide
from taskapp.kit.problem import KINDS
from taskapp.settings import Settings

_CODE = re.compile(r"`([^`]+)`")
# Where the examples send to; the page shows the address that it was asked at in its place.
ORIGIN = "http://localhost:8000"
# Whoever copies an example does not want a task that removes itself.
_NOT_SHOWN = ("expires_in", "metadata")
_SAMPLE_ID = "8ed7af02-5d68-4d54-a8fe-3646c2067af7"
_RANGES = (("minLength", "maxLength", " characters"), ("minimum", "maximum", ""), ("minItems", "maxItems", " values"),
           ("minProperties", "maxProperties", " pairs"))


def view_of(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Arrange the document: the guide, the operations by tag, the schemas, the codes."""
    operations = [_operation(document, path, item, method) for path, item in document["paths"].items()
                  for method in item if method in ("get", "post", "put", "patch", "delete")]
    tags = sorted({each["tag"] for each in operations}, key=lambda tag: (tag != "tasks", tag))
    schemas = document["components"]["schemas"]
    return {
        "info": document["info"],
        "guide": [(title, [_inline(text) for text in paragraphs]) for title, paragraphs in guide.sections(settings)],
        "tags": [(tag, [each for each in operations if each["tag"] == tag]) for tag in tags],
        "schemas": [(name, _members(schema)) for name, schema in schemas.items()],
        "codes": [(code, kind.status, _inline(kind.meaning)) for code, kind in KINDS.items()],
    }


def _operation(document: dict[str, Any], path: str, item: dict[str, Any], method: str) -> dict[str, Any]:
    found = item[method]
    prefix = item.get("servers", document["servers"])[0]["url"].rstrip("/")
    contents = found.get("requestBody", {}).get("content", {})
    first: dict[str, Any] = next(iter(contents.values()), {})
    body = _reference(first.get("schema", {}))
    return {
        "id": found["operationId"], "tag": found["tags"][0], "method": method.upper(), "path": prefix + path,
        "summary": found["summary"], "description": _inline(found.get("description", "")),
        "scope": found.get("x-scope"), "parameters": [_parameter(each) for each in found["parameters"]],
        "body_types": list(contents), "body": body,
        "answers": [_answer(status, answer) for status, answer in found["responses"].items() if status < "400"],
        "problems": _problems(document, found["responses"]),
        "curl": _curl(method.upper(), prefix + path, document["components"]["schemas"].get(body), list(contents)),
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"name": parameter["name"], "in": parameter["in"], "required": parameter["required"],
            "type": type_of(parameter["schema"]), "description": _inline(parameter.get("description", "")),
            "default": _default(parameter["schema"])}


def _answer(status: str, answer: dict[str, Any]) -> dict[str, Any]:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    items = schema.get("items", {})
    refs = [_reference(each) for each in items.get("anyOf", [items or schema])]
    own = [name for name in answer["headers"] if name not in ("X-Request-ID", "Server-Timing")]
    return {"status": status, "description": answer["description"], "array": bool(items),
            "schemas": [each for each in refs if each], "headers": own}


def _problems(document: dict[str, Any], responses: dict[str, Any]) -> list[tuple[str, list[str]]]:
    shared = document["components"]["responses"]
    found = []
    for status, response in responses.items():
        if status >= "400":
            response = shared[_reference(response)] if "$ref" in response else response
            schema = response["content"]["application/problem+json"]["schema"]
            found.append((status, schema["allOf"][1]["properties"]["code"]["enum"]))
    return found


def _members(schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    return {"description": schema.get("description", ""), "members": [
        {"name": name, "required": name in required, "type": type_of(member), "default": _default(member),
         "description": _inline(member.get("description", ""))} for name, member in schema["properties"].items()]}


def type_of(schema: dict[str, Any]) -> str:
    """Say in words what a schema takes."""
    if "anyOf" in schema:
        return " or ".join(type_of(each) for each in schema["anyOf"])
    types = schema.get("type", "any value")
    words = [types] if isinstance(types, str) else list(types)
    if "enum" in schema:
        words = ["null" if each is None else f'"{each}"' for each in schema["enum"][:30]]
    elif "array" in words:
        words[words.index("array")] = f"array of ({type_of(schema.get('items', {}))})"
    elif "object" in words and schema.get("properties"):
        words[words.index("object")] = f"object with {', '.join(schema['properties'])}"
    text = " or ".join(words)
    details = [schema["format"]] if "format" in schema else []
    details += [_range(schema.get(least), schema.get(most), what) for least, most, what in _RANGES
                if schema.get(least) or schema.get(most)]
    return f"{text}, {', '.join(details)}" if details else text


def _range(least: int | None, most: int | None, what: str) -> str:
    if most is None:
        return f"from {least:,}{what}"
    return f"{least:,} to {most:,}{what}" if least is not None else f"at most {most:,}{what}"


def _curl(method: str, path: str, schema: dict[str, Any] | None, types: list[str]) -> str:
    address = re.sub(r"\{\w+_id\}", _SAMPLE_ID, path).replace("{name}", "index.html").replace(
        "{slug}", "version-conflict")
    lines = ["curl" + ("" if method == "GET" else f" -X {method}") + f" {ORIGIN}{address}"]
    if schema:
        examples = {name: member["examples"][0] for name, member in schema["properties"].items()
                    if member.get("examples") and name not in _NOT_SHOWN}
        lines += [f"-H 'Content-Type: {types[0]}'", f"-d {shlex.quote(orjson.dumps(examples).decode())}"]
    return " \\\n  ".join(lines)


def _default(schema: dict[str, Any]) -> str | None:
    return orjson.dumps(schema["default"]).decode() if "default" in schema else None


def _reference(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _inline(text: str) -> Markup:
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))
