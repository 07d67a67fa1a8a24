"""The registry's questions, asked through the gateway of a Komuna that loaded its own files."""

from typing import Any

import httpx
import pytest

from tests.system.conftest import Stack

pytestmark = pytest.mark.system


async def ask(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    answer = await client.get(f"/registry/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestMunicipalities:
    @pytest.mark.parametrize(
        ("as_of", "count"), [("2000-06-01", 30), ("2011-06-30", 37), ("2026-11-21", 38)]
    )
    async def test_are_as_many_as_there_were(
        self, client: httpx.AsyncClient, as_of: str, count: int
    ) -> None:
        found = await ask(client, "municipalities", as_of=as_of)

        assert len([one for one in found["items"] if one["certainty"] == "certain"]) == count

    @pytest.mark.parametrize(
        ("language", "first", "vushtrri"),
        [
            ("sq", "Deçan", "Vushtrri"),
            ("sr-Latn", "Dečani", "Vučitrn"),
            ("sr-Cyrl", "Дечани", "Вучитрн"),
            ("en", "Deçan", "Vushtrri"),
        ],
    )
    async def test_have_names_in_each_language(
        self, client: httpx.AsyncClient, language: str, first: str, vushtrri: str
    ) -> None:
        found = await ask(client, "municipalities", lang=language)

        labels = {one["slug"]: one["label"] for one in found["items"]}
        assert (len(labels), labels["decan"], labels["vushtrri"]) == (38, first, vushtrri)

    @pytest.mark.parametrize(
        ("q", "slug"),
        [
            ("Drenas", "gllogoc"),
            ("Fushe Kosovo", "fushe-kosove"),
            ("Oblic", "obiliq"),
            ("Prishtinë/Priština", "prishtine"),
        ],
    )
    async def test_are_found_as_the_reports_spell_them(
        self, client: httpx.AsyncClient, q: str, slug: str
    ) -> None:
        assert (await ask(client, "municipalities/resolve", q=q))["slug"] == slug

    async def test_are_not_guessed_from_a_bare_number(self, client: httpx.AsyncClient) -> None:
        found = await ask(client, "municipalities/resolve", q="33")

        assert (found["slug"], found["reason"]) == (None, "code_without_scheme")
        assert {(one["slug"], one["scheme"]) for one in found["candidates"]} == {
            ("junik", "kas-2011"),
            ("hani-i-elezit", "kas-2024-order"),
        }

    async def test_are_resolved_in_bulk_without_a_token(self, client: httpx.AsyncClient) -> None:
        names = ["Drenas", "Oblic", "Mitrovica", "Atlantis"] * 2500

        answer = await client.post(
            "/registry/v1/municipality-resolutions",
            json={"names": names, "as_of": "2020-12-31"},
        )

        assert answer.json()["counts"] == {"matched": 5000, "ambiguous": 2500, "not_found": 2500}


class TestMechanisms:
    async def test_count_the_language_link_of_2020_with_reasons_and_lines(
        self, client: httpx.AsyncClient
    ) -> None:
        found = await ask(client, "mechanisms/coverage", kind="language_link", as_of="2020-12-31")

        assert {state: count for state, count in found["totals"].items() if count} == {
            "in_place": 7,
            "missing": 18,
            "contradictory": 2,
            "unknown": 11,
        }
        assert {one["slug"] for one in found["items"] if one["state"] == "contradictory"} == {
            "viti",
            "podujeve",
        }
        assert {(one["state"], one["reason"]) for one in found["items"]} == {
            ("in_place", "stated"),
            ("missing", "stated"),
            ("contradictory", "sources_disagree"),
            ("unknown", "not_in_source"),
        }
        lines = [place for one in found["items"] for place in one["consulted"]]
        assert lines == [{"source": "s0", "locator": "L259"}] * 38


class TestOffices:
    async def test_name_who_held_them_and_since_when(self, client: httpx.AsyncClient) -> None:
        found = await ask(client, "offices", held_on="2010-06-01", institution="osce-mission")

        [tenure] = found["items"][0]["tenures"]
        assert tenure["holder"]["name"] == "Werner Almhofer"
        assert (tenure["since"], tenure["until"]) == ("2008", "2012")
        assert (tenure["source"], tenure["locator"]) == ("s4", "L537")

    async def test_name_those_of_whom_the_year_is_all_that_is_known(
        self, client: httpx.AsyncClient
    ) -> None:
        found = await ask(client, "offices", held_on="2020-12-15", q="Obiliq")

        [tenure] = found["items"][0]["tenures"]
        assert tenure["holder"]["name"] == "Xhafer Gashi"
        assert (tenure["attested_on"], tenure["certainty"]) == ("2020", "possible")
        assert (tenure["source"], tenure["locator"]) == ("s0", "L186")

    @pytest.mark.parametrize(
        ("kind", "by_sex"), [("mayor", {"M": 38, "F": 0}), ("assembly_chair", {"M": 32, "F": 6})]
    )
    async def test_are_counted_from_known_holders_and_point_to_what_was_published(
        self, client: httpx.AsyncClient, kind: str, by_sex: dict[str, int]
    ) -> None:
        found = await ask(client, "offices/counts", kind=kind, by="sex", as_of="2020-12-31")

        known = found["held_count"] + found["possible_count"]
        assert (found["seat_count"], known + found["unknown_count"]) == (38, 38)
        [published] = found["published"]
        figures = (await client.get(published["link"])).json()["items"]
        assert {one["dimensions"]["sex"]: one["value"] for one in figures} == by_sex


class TestDirectory:
    @pytest.mark.parametrize(
        ("role", "codes"),
        [
            (None, {"crpk-legal-information", "vaao-legal-aid"}),
            (
                "frontend",
                {"crpk-legal-information", "dsw-psychosocial-support", "vaao-legal-aid"},
            ),
            ("shelter_intake", {"hhc-accommodation", "isf-accommodation", "pvpt-accommodation"}),
        ],
    )
    async def test_shows_a_shelter_to_members_of_the_mechanism_alone(
        self, client: httpx.AsyncClient, stack: Stack, role: str | None, codes: set[str]
    ) -> None:
        headers = {"Authorization": f"Bearer {stack.token(role)}"} if role else {}

        answer = await client.get("/registry/v1/directory/services", headers=headers)
        shelter = await client.get(
            "/registry/v1/directory/services/isf-accommodation", headers=headers
        )

        found = {one["code"] for one in answer.json()["items"]}
        is_member = "isf-accommodation" in codes
        assert codes <= found if is_member else codes == found
        assert shelter.status_code == (200 if is_member else 404)
        assert all(one["is_synthetic"] for one in answer.json()["items"])


class TestMe:
    async def test_tells_a_persona_who_they_are(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        token = stack.token("municipal_officer", municipality="prishtine")

        answer = await client.get("/registry/v1/me", headers={"Authorization": f"Bearer {token}"})

        assert answer.json()["roles"] == ["municipal_officer"]
        assert [one["municipality"] for one in answer.json()["assignments"]] == ["prishtine"]
        assert answer.json()["tasks"]["registry"] == f"{stack.url}/registry/v1/me/tasks"

    async def test_needs_a_token_at_the_gateway_and_at_the_service(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        gateway = await client.get("/registry/v1/me")
        service = await client.get(f"{stack.service_url('registry')}/v1/me")

        assert (gateway.status_code, service.status_code) == (401, 401)
        assert gateway.headers["content-type"] == "application/problem+json"


class TestImports:
    async def test_are_not_for_a_municipal_officer(
        self, client: httpx.AsyncClient, stack: Stack
    ) -> None:
        token = stack.token("municipal_officer", municipality="prishtine")

        answer = await client.post(
            "/registry/v1/imports?collection=municipalities",
            content="slug,source,locator\nnew,s0,x\n",
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "text/csv",
                "Idempotency-Key": "4f7c0f9e-2d3b-4c57-8f00-b6f1a0c5a111",
            },
        )

        assert answer.status_code == 403
