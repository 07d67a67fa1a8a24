"""What this service reads of others, held against what they say they send."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from komuna_indicators.clients.registry import Municipalities, Notice, Resolutions
from komuna_indicators.reminders.rules import TEMPLATES
from tests import inventory

ADDRESSES: list[tuple[str, str, type[BaseModel]]] = [
    ("post", "/v1/municipality-resolutions", Resolutions),
    ("get", "/v1/municipalities", Municipalities),
]


def properties(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a reference to the properties it stands for."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema["properties"]
    return found


@pytest.mark.parametrize(("method", "path", "model"), ADDRESSES)
class TestRegistry:
    def test_sends_every_field_that_is_read(
        self, method: str, path: str, model: type[BaseModel]
    ) -> None:
        document = inventory.document("registry")
        answers = document["paths"][path][method]["responses"]
        content = answers["200"]["content"]["application/json"]["schema"]
        told = properties(document, properties(document, content)["items"]["items"])
        read = model.model_json_schema()
        [item] = read["$defs"].values()

        assert set(item["properties"]) <= set(told)


def test_registry_knows_every_field_that_is_sent() -> None:
    document = inventory.document("registry")
    asked = document["paths"]["/v1/municipality-resolutions"]["post"]["requestBody"]["content"]

    assert {"names", "as_of"} <= set(properties(document, asked["application/json"]["schema"]))


def test_registry_takes_notices_as_they_are_sent_and_says_how_many_are_told() -> None:
    document = inventory.document("registry")
    sending = document["paths"]["/v1/notices"]["post"]
    asked = sending["requestBody"]["content"]["application/json"]["schema"]
    told = sending["responses"]["202"]["content"]["application/json"]["schema"]
    known = properties(document, asked)

    assert {"template", "recipient", "params"} == set(known)
    assert {"role", "municipality"} <= set(properties(document, known["recipient"]))
    assert {"obligation", "period", "due_on"} <= set(properties(document, known["params"]))
    assert set(TEMPLATES.values()) <= set(document["components"]["schemas"]["Template"]["enum"])
    assert set(Notice.model_fields) <= set(properties(document, told))
