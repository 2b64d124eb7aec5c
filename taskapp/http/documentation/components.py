"""Deduplication: parameters shared by several operations become components, and unused components are removed."""

from collections import Counter, defaultdict
from typing import Any

import orjson

_METHODS = ("get", "post", "put", "patch", "delete")


def share_parameters(document: dict[str, Any]) -> None:
    """Move parameters shared by several operations to the components, and refer to them.

    Of different parameters with the same name, only the most used one is moved.
    """
    lists = [item[method]["parameters"] for item in document["paths"].values() for method in _METHODS if method in item]
    used: dict[str, Counter[bytes]] = defaultdict(Counter)
    for parameters in lists:
        for each in parameters:
            used[each["name"]][orjson.dumps(each)] += 1
    shared = {}
    for name, definitions in used.items():
        definition, times = definitions.most_common(1)[0]
        if times > 1:
            shared[name] = orjson.loads(definition)
    for parameters in lists:
        parameters[:] = [{"$ref": f"#/components/parameters/{each['name']}"} if shared.get(each["name"]) == each
                         else each for each in parameters]
    document["components"]["parameters"] = shared


def drop_unused(document: dict[str, Any]) -> None:
    """Remove the components that nothing refers to, directly or through others."""
    components = document["components"]
    reached: set[str] = set()
    waiting = _references(document["paths"])
    while waiting:
        reference = waiting.pop()
        if reference not in reached:
            reached.add(reference)
            _, _, kind, name = reference.split("/")
            waiting |= _references(components[kind][name])
    for kind, named in components.items():
        if kind != "securitySchemes":
            components[kind] = {name: each for name, each in named.items()
                                if f"#/components/{kind}/{name}" in reached}


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    # An example's member or a schema's property may be named `$ref`, too; then its value is not a string.
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(_references, value.values()))
