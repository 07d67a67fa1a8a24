"""What somebody looks for comes in a body, and finds what fits all of it."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.registry.conftest import Bearer, Headers
from tests.registry.hsds.test_routes import PUBLIC, RIGHTS, SCOPE, TAKES, codes


@pytest.fixture
def member(bearer: Bearer) -> Headers:
    return bearer("persona:advocate:vaao", SCOPE)


class TestSearch:
    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ({"search": "legal"}, PUBLIC),
            ({"search": "LEGAL victims"}, ["vaao-legal-aid"]),
            ({"search": "perfaqesim"}, ["vaao-legal-aid"]),
            ({"search": "psikolog"}, ["dsw-psychosocial-support"]),
            ({"search": "100%"}, []),
            ({"search": "strehim", "age": 17}, ["hhc-accommodation", "pvpt-accommodation"]),
            ({"search": "strehim", "age": 18}, ["isf-accommodation", "pvpt-accommodation"]),
            ({"municipality": "prishtine", "language": "rom"}, ["crpk-legal-information"]),
            ({"municipality": "viti", "search": "legal"}, ["vaao-legal-aid"]),
            ({"age": 17, "taxonomy_term_id": RIGHTS}, ["crpk-legal-information"]),
            ({"age": 40, "taxonomy_id": TAKES}, ["isf-accommodation", "pvpt-accommodation"]),
        ],
    )
    async def test_finds_services_for_somebody(
        self, reads: AsyncClient, member: Headers, body: dict[str, Any], found: list[str]
    ) -> None:
        answer = await reads.post("/v1/hsds/services", json=body, headers=member)

        assert answer.status_code == 200, answer.text
        assert codes(answer.json()) == found

    @pytest.mark.parametrize(
        ("name", "sent", "code"),
        [
            ("age", "34", "int_type"),
            ("age", True, "int_type"),
            ("page", "1", "int_type"),
            ("full", "yes", "bool_type"),
            ("full", 1, "bool_type"),
        ],
    )
    async def test_takes_no_text_for_a_number(
        self, reads: AsyncClient, name: str, sent: object, code: str
    ) -> None:
        answer = await reads.post("/v1/hsds/services", json={name: sent})

        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/{name}", code)

    async def test_finds_places_by_what_stands_on_letters(self, reads: AsyncClient) -> None:
        answer = await reads.post("/v1/hsds/service_at_locations", json={"postcode": "10000"})

        assert [one["location"]["external_identifier"] for one in answer.json()["contents"]] == [
            "demo-advice-prishtine",
            "demo-legal-aid-office",
        ]

    async def test_hides_what_others_may_know(self, reads: AsyncClient) -> None:
        for path in ("services", "service_at_locations"):
            answer = await reads.post(f"/v1/hsds/{path}", json={"search": "psikolog"})
            assert answer.json()["total_items"] == 0

    async def test_refuses_what_it_does_not_know(self, reads: AsyncClient) -> None:
        answer = await reads.post("/v1/hsds/services", json={"place": "x"})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown_field"
