"""What HSDS says of its own answers: every answer is held against the schemas of version 3.0.

The schemas are CC BY-SA and no part of this project; they lie beside it, or the tests are skipped.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.lints import ROOT
from tests.registry.conftest import Bearer, Headers

SCHEMAS = ROOT.parent / "shared" / "conformance" / "hsds-3.0" / "schema"
Node = dict[str, Any]
FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or urlsplit(value).scheme != ""


pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="the schemas of HSDS 3.0 are not beside this project"
)


def read(name: str) -> Node:
    """Read a schema, packed or not."""
    body = (SCHEMAS / name).read_bytes()
    found: Node = json.loads(gzip.decompress(body) if name.endswith(".gz") else body)
    return found


def retrieve(uri: str) -> Resource[Any]:
    return DRAFT202012.create_resource(read(Path(uri).name))


def faults(schema: Node, answer: Any) -> list[str]:
    """Say what of an answer does not fit a schema."""
    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]  # attrs hides it.
    checker = Draft202012Validator(schema, registry=registry, format_checker=FORMATS)
    found = [f"{one.json_path}: {one.message}" for one in checker.iter_errors(answer)]
    return found + [f"{path} is not in the schema" for path in unknown(schema, answer, "$")]


def unknown(schema: Node, value: Any, path: str) -> Iterator[str]:
    """Yield what an answer has that its schema does not know; HSDS forbids none of it."""
    if isinstance(value, list):
        for one in value:
            yield from unknown(schema.get("items", {}), one, path)
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return
    for name, inner in value.items():
        if name in known:
            yield from unknown(known[name], inner, f"{path}.{name}")
        else:
            yield f"{path}.{name}"


def page_faults(page: Node, schema: Node) -> list[str]:
    """Say what of a page does not fit the page of the standard, or its contents their schema."""
    document = json.loads((SCHEMAS / "openapi.json").read_bytes())
    found = faults(document["components"]["schemas"]["Page"], {**page, "contents": []})
    expected = {*document["components"]["schemas"]["Page"]["properties"], "contents"}
    found = [one for one in found if one != "$.contents is not in the schema"]
    found += [f"{name} is missing" for name in expected ^ page.keys()]
    return found + [one for item in page["contents"] for one in faults(schema, item)]


@pytest.fixture
def member(bearer: Bearer) -> Headers:
    return bearer("persona:advocate:vaao", "registry.directory.read")


@pytest.fixture(params=["nobody", "member"])
def viewer(request: pytest.FixtureRequest, member: Headers) -> Headers:
    return member if request.param == "member" else {}


class TestLists:
    @pytest.mark.parametrize(
        ("path", "schema"),
        [
            ("services", "compiled/service_list.json"),
            ("services?full=true", "compiled/service.json.gz"),
            ("organizations", "compiled/organization_list.json"),
            ("organizations?full=true&full_service=true", "compiled/organization.json.gz"),
            ("service_at_locations", "compiled/service_at_location_list.json"),
            ("service_at_locations?full=true", "compiled/service_at_location.json.gz"),
            ("taxonomies", "taxonomy.json"),
            ("taxonomy_terms?per_page=200", "taxonomy_term.json"),
        ],
    )
    async def test_are_pages_of_what_the_schema_says(
        self, reads: AsyncClient, viewer: Headers, path: str, schema: str
    ) -> None:
        answer = await reads.get(f"/v1/hsds/{path}", headers=viewer)

        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["contents"]
        assert page_faults(page, read(schema)) == []


class TestSingle:
    @pytest.mark.parametrize(
        ("listed", "schema"),
        [
            ("services", "compiled/service.json.gz"),
            ("organizations", "compiled/organization.json.gz"),
            ("service_at_locations", "compiled/service_at_location.json.gz"),
            ("taxonomies", "taxonomy.json"),
            ("taxonomy_terms", "taxonomy_term.json"),
        ],
    )
    async def test_is_what_the_schema_says(
        self, reads: AsyncClient, member: Headers, listed: str, schema: str
    ) -> None:
        contents = (await reads.get(f"/v1/hsds/{listed}", headers=member)).json()["contents"]

        for one in contents[:10]:
            answer = await reads.get(f"/v1/hsds/{listed}/{one['id']}", headers=member)
            assert answer.status_code == 200
            assert faults(read(schema), answer.json()) == []

    async def test_says_of_the_api_what_the_document_of_the_standard_asks(
        self, reads: AsyncClient
    ) -> None:
        document = json.loads((SCHEMAS / "openapi.json").read_bytes())
        told = document["paths"]["/"]["get"]["responses"]["200"]["content"]["application/json"]

        found = (await reads.get("/v1/hsds")).json()

        assert faults(told["schema"], found) == []
        assert found["version"] == "3.0"

    async def test_has_every_address_of_the_standard(self, reads: AsyncClient) -> None:
        document = json.loads((SCHEMAS / "openapi.json").read_bytes())
        served = (await reads.get("/openapi.json")).json()["paths"]

        assert {f"/v1/hsds{path}".rstrip("/") for path in document["paths"]} <= served.keys()


class TestFaults:
    @pytest.mark.parametrize(
        "broken",
        [
            {"id": "no uuid"},
            {"status": "temporarily_closed"},
            {"name": None},
            {"capacity": 12},
            {"last_modified": "yesterday"},
            {"url": "somewhere"},
            {"email": "nobody"},
        ],
    )
    def test_are_seen(self, broken: Node) -> None:
        whole = {
            "id": "ac148810-d857-441c-9679-408f346de14b",
            "name": "Advice",
            "status": "active",
            "last_modified": "2026-01-01T00:00:00Z",
        }
        schema = read("compiled/service_list.json")

        assert faults(schema, whole) == []
        assert faults(schema, {**whole, **broken}) != []
