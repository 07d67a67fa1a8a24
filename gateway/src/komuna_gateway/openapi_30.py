"""The same document in OpenAPI 3.0, for tools that stopped there (X-Road does)."""

from collections.abc import Mapping
from typing import Any

Node = dict[str, Any]

VERSION = "3.0.3"
_ABSENT_AT_TOP = frozenset({"webhooks", "jsonSchemaDialect"})
# What 3.0 cannot say is left out: the document then allows more than the service does.
_ABSENT = frozenset(
    {
        "$comment", "$defs", "$id", "$schema", "const", "contains", "contentEncoding",
        "contentMediaType", "dependentRequired", "dependentSchemas", "else", "examples", "if",
        "patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems",
        "unevaluatedProperties",
    }
)  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf")
_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_NULL = {"type": "null"}


def downgrade(document: Mapping[str, Any]) -> Node:
    """Return a document of 3.1 as one of 3.0."""
    kept = {key: _walk(value) for key, value in document.items() if key not in _ABSENT_AT_TOP}
    schemas = document.get("components", {}).get("schemas", {})
    if schemas:
        kept["components"]["schemas"] = {name: schema(one) for name, one in schemas.items()}
    return kept | {"openapi": VERSION}


def schema(given: Any) -> Node:
    """Return one schema of 3.1 as one of 3.0."""
    if not isinstance(given, dict):
        return {} if given else {"not": {}}
    if "$ref" in given:
        beside = {key: value for key, value in given.items() if key != "$ref"}
        reference = {"$ref": given["$ref"]}
        # In 3.0 everything beside a reference is ignored.
        return {"allOf": [reference], **schema(beside)} if beside else reference
    made = {key: _inner(key, value) for key, value in given.items() if key not in _ABSENT}
    for change in (_types, _alternatives, _bounds, _array):
        change(made)
    _values(given, made)
    return made


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: schema(value) if key == "schema" else _walk(value) for key, value in node.items()}


def _inner(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: schema(one) for name, one in value.items()}
    if key in _LISTS:
        return value if _NULL in value else [schema(one) for one in value]
    if key in {"items", "not"} or (key == "additionalProperties" and isinstance(value, dict)):
        return schema(value)
    return value


def _types(made: Node) -> None:
    types = made.get("type")
    if types == "null":
        del made["type"]
        made["enum"] = [None]
    if not isinstance(types, list):
        return
    named = [one for one in types if one != "null"]
    if len(named) < len(types):
        made["nullable"] = True
    del made["type"]
    if len(named) == 1:
        made["type"] = named[0]
    else:
        made["anyOf"] = [{"type": one} for one in named]


def _alternatives(made: Node) -> None:
    for key in ("anyOf", "oneOf"):
        if _NULL not in made.get(key, ()):
            continue
        others = [schema(one) for one in made.pop(key) if one != _NULL]
        made["nullable"] = True
        if len(others) > 1:
            made[key] = others
        elif others and "$ref" in others[0]:
            made["allOf"] = others
        elif others:
            made |= {name: value for name, value in others[0].items() if name not in made}


def _bounds(made: Node) -> None:
    for exclusive, inclusive in _BOUNDS:
        if exclusive in made and not isinstance(made[exclusive], bool):
            made[inclusive] = made[exclusive]
            made[exclusive] = True


def _array(made: Node) -> None:
    if made.get("type") == "array":
        made.setdefault("items", {})


def _values(given: Node, made: Node) -> None:
    if "const" in given:
        made["enum"] = [given["const"]]
    if given.get("examples"):
        made["example"] = given["examples"][0]
    if "contentMediaType" in given:
        made["format"] = "binary"
