"""The document for tools that know OpenAPI 3.0."""

from typing import Any

import httpx
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

from komuna_gateway.openapi_30 import downgrade, schema
from tests.openapi import merged


class TestSchema:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
            ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            (
                {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "title": "A"},
                {"type": "string", "maxLength": 3, "nullable": True, "title": "A"},
            ),
            (
                {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
                {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True},
            ),
            (
                {"$ref": "#/components/schemas/A", "description": "B"},
                {"allOf": [{"$ref": "#/components/schemas/A"}], "description": "B"},
            ),
            ({"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}),
            ({"const": 1}, {"enum": [1]}),
            ({"examples": [1, 2], "type": "integer"}, {"example": 1, "type": "integer"}),
            ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
            ({"type": "array", "prefixItems": [{}]}, {"type": "array", "items": {}}),
            ({"not": {"type": "null"}}, {"not": {"enum": [None]}}),
            (True, {}),
            (
                {"properties": {"const": {"type": ["null", "string"]}}},
                {"properties": {"const": {"type": "string", "nullable": True}}},
            ),
        ],
    )
    def test_says_the_same_in_older_words(self, given: Any, expected: Any) -> None:
        assert schema(given) == expected


class TestDowngrade:
    def test_is_valid_for_all_services(self) -> None:
        document = downgrade(merged())

        assert OPENAPI_30_VALIDATOR.is_valid(document) is True
        assert len(document["paths"]) == len(merged()["paths"]) > 20

    def test_would_notice_what_30_does_not_know(self) -> None:
        assert OPENAPI_30_VALIDATOR.is_valid(merged() | {"openapi": "3.0.3"}) is False

    async def test_is_served(self, client: httpx.AsyncClient) -> None:
        served = (await client.get("/openapi-3.0.json")).json()

        assert served["openapi"] == "3.0.3"
        assert "/limits" in served["paths"]
