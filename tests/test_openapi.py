"""The one document of all services: whole, lawful, and with an example of everything."""

import re
from typing import Any

import jsonschema
import pytest

from komuna_shared.problems import MEDIA_TYPE
from tests.openapi import merged

VERBS = (
    r"(?:add|block|cancel|close|compute|create|delete|find|get|grant|list|open|resolve|revoke|"
    r"search|set|update)[A-Z][A-Za-z]+"
)
Node = dict[str, Any]
PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture(scope="module")
def document() -> Node:
    return merged()


@pytest.fixture(scope="module")
def operations(document: Node) -> dict[str, Node]:
    return {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def is_public(operation: Node) -> bool:
    """Return whether anybody may call it; some show more to whoever says who they are."""
    return not operation["security"] or {} in operation["security"]


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for one in node for found in references(one)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for one in node.values() for found in references(one)]


class TestDocument:
    def test_is_openapi_31_and_refers_only_to_what_it_has(self, document: Node) -> None:
        assert document["openapi"].startswith("3.1.")
        assert len(document["paths"]) > 40
        for reference in references(document):
            found: Any = document
            for part in reference.removeprefix("#/").split("/"):
                found = found[part]
            assert found, reference

    def test_has_only_schemas_of_json_schema(self, document: Node) -> None:
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_has_an_example_of_every_schema_that_fits_it(self, document: Node) -> None:
        components = {"components": document["components"]}
        for name, schema in document["components"]["schemas"].items():
            assert schema.get("examples"), name
            checks = {"$ref": f"#/components/schemas/{name}", **components}
            for example in schema["examples"]:
                faults = jsonschema.Draft202012Validator(checks).iter_errors(example)
                assert [one.message for one in faults] == [], name

    def test_names_every_path_parameter_it_asks_for(self, document: Node) -> None:
        for path, methods in document["paths"].items():
            for operation in methods.values():
                named = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
                assert named == set(re.findall(r"{(\w+)}", path)), path


class TestOperations:
    def test_are_named_by_a_verb_and_a_noun_once(self, operations: dict[str, Node]) -> None:
        names = [one["operationId"] for one in operations.values()]

        assert [one for one in names if not re.fullmatch(VERBS, one)] == []
        assert len(set(names)) == len(names)

    def test_say_who_may_call_them(self, operations: dict[str, Node]) -> None:
        for name, one in operations.items():
            said = one["description"].lower()
            if is_public(one):
                assert "public" in said or "everybody" in said, name
            else:
                assert re.search(r"\bfor (?:everybody|case|whoever|`)", said), name
                assert all(scopes for scheme in one["security"] for scopes in scheme.values())
        both = operations["get /registry/v1/directory/services"]
        assert both["security"] == [{}, {"bearer": ["registry.directory.read"]}]

    def test_list_their_problems_as_problems(self, operations: dict[str, Node]) -> None:
        for name, one in operations.items():
            problems = {status: told for status, told in one["responses"].items() if status >= "4"}
            expected = {"400", "406", "414", "429", "431", "500", "503"}
            expected |= set() if is_public(one) else {"401", "403"}
            expected |= {"404"} if "{" in name else set()
            expected |= {"412", "428"} if name.startswith("delete ") else set()
            expected |= {"413", "415", "422"} if "requestBody" in one else set()
            assert expected <= problems.keys(), name
            assert all(
                told["content"] == {MEDIA_TYPE: {"schema": PROBLEM}} for told in problems.values()
            ), name

    def test_ask_for_what_a_change_needs(self, operations: dict[str, Node]) -> None:
        for name, one in operations.items():
            named = {told.get("name"): told for told in one["parameters"]}
            shared = {
                told["$ref"].rpartition("/")[2] for told in one["parameters"] if "$ref" in told
            }
            assert "Lang" in shared, name
            assert ("IfMatch" in shared or "If-Match" in named) == ("428" in one["responses"]), name
            assert "428" in one["responses"] or not name.startswith(("delete ", "put ")), name
            if name.endswith("/imports"):
                assert named["Idempotency-Key"]["required"], name
            if "/referrals/" in name:
                assert named["processing-purpose"]["required"], name
