"""HTTP for HSDS: what lists hold, how filters add up, what nobody is told."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_registry.hsds.identifiers import identify
from tests.registry.conftest import Bearer, Headers, Import

SCOPE = "registry.directory.read"
PUBLIC = ["crpk-legal-information", "vaao-legal-aid"]
REGISTERED = sorted([*PUBLIC, "dsw-psychosocial-support"])
ALL = sorted([*REGISTERED, "hhc-accommodation", "isf-accommodation", "pvpt-accommodation"])
CODES = {str(identify("service", code)): code for code in ALL}
LEGAL = str(identify("service-types", "legal_representation"))
RIGHTS = str(identify("service-types", "rights"))
TYPES = str(identify("taxonomy", "service-types"))
TAKES = str(identify("taxonomy", "eligibility"))
ADULT = str(identify("eligibility", "adult"))
VAAO = str(identify("institution", "vaao"))


async def page(
    client: AsyncClient, headers: Headers | None = None, path: str = "services", **query: Any
) -> dict[str, Any]:
    answer = await client.get(f"/v1/hsds/{path}", params=query, headers=headers or {})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [CODES[one["id"]] for one in found["contents"]]


async def one_of(client: AsyncClient, headers: Headers, code: str) -> dict[str, Any]:
    return await page(client, headers, f"services/{identify('service', code)}")


@pytest.fixture
def member(bearer: Bearer) -> Headers:
    return bearer("persona:advocate:vaao", SCOPE)


class TestListServices:
    async def test_hides_what_others_may_know(
        self, reads: AsyncClient, bearer: Bearer, member: Headers
    ) -> None:
        registered = bearer("persona:analyst:mlg", SCOPE)

        for headers, known in (({}, PUBLIC), (registered, REGISTERED), (member, ALL)):
            found = await page(reads, headers)
            assert codes(found) == known
            assert found["total_items"] == len(known)
            hidden = [one for one in ALL if one not in known]
            for code in hidden:
                path = f"/v1/hsds/services/{identify('service', code)}"
                assert (await reads.get(path, headers=headers)).status_code == 404

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"taxonomy_term_id": LEGAL}, ["vaao-legal-aid"]),
            ({"taxonomy_term_id": RIGHTS}, PUBLIC),
            ({"taxonomy_term_id": ADULT}, ["isf-accommodation", "pvpt-accommodation"]),
            ({"taxonomy_id": TYPES}, ALL),
            ({"taxonomy_id": TAKES}, [one for one in ALL if one.endswith("accommodation")]),
            ({"organization_id": VAAO}, ["vaao-legal-aid"]),
            ({"taxonomy_term_id": RIGHTS, "organization_id": VAAO}, ["vaao-legal-aid"]),
            ({"taxonomy_term_id": ADULT, "organization_id": VAAO}, []),
            ({"organization_id": LEGAL}, []),
            ({"taxonomy_term_id": VAAO}, []),
            ({"modified_after": "2026-01-01T00:00:00Z"}, ALL),
            ({"modified_after": "2099-01-01T00:00:00+01:00"}, []),
        ],
    )
    async def test_finds_what_fits_every_filter(
        self, reads: AsyncClient, member: Headers, query: dict[str, str], found: list[str]
    ) -> None:
        assert codes(await page(reads, member, **query)) == found

    async def test_says_how_an_instant_is_written(self, reads: AsyncClient) -> None:
        answer = await reads.get(
            "/v1/hsds/services",
            params={"modified_after": "2026-01-01"},
            headers={"Accept-Language": "en"},
        )

        assert answer.status_code == 400
        assert "`2026-11-21T09:30:00Z`" in answer.json()["errors"][0]["detail"]

    async def test_cuts_pages_that_follow_each_other(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        pages = [await page(reads, member, per_page=4, page=number) for number in (1, 2, 3)]

        assert [codes(one) for one in pages] == [ALL[:4], ALL[4:], []]
        told = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page")
        assert [[one[name] for name in told] + [one["empty"]] for one in pages] == [
            [6, 2, 1, 4, True, False, False],
            [6, 2, 2, 2, False, True, False],
            [6, 2, 3, 0, False, True, True],
        ]

    async def test_gives_the_least_of_all_at_once(self, reads: AsyncClient) -> None:
        found = await page(reads, minimal="true", per_page=1)

        assert [one.keys() for one in found["contents"]] == [
            {"id", "last_modified", "modified_date"}
        ] * 2
        assert found["last_page"] is True

    async def test_gives_all_that_belongs_to_each_when_asked_for_it(
        self, reads: AsyncClient
    ) -> None:
        [brief] = (await page(reads, organization_id=VAAO))["contents"]
        [full] = (await page(reads, organization_id=VAAO, full="true"))["contents"]

        assert "service_at_locations" not in brief
        assert brief.items() <= {**full, "organization": brief["organization"]}.items()
        assert full == await one_of(reads, {}, "vaao-legal-aid")

    async def test_refuses_a_search_in_the_address(self, reads: AsyncClient) -> None:
        for name in ("search", "postcode", "municipality"):
            answer = await reads.get("/v1/hsds/services", params={name: "violence"})
            assert answer.status_code == 400
            assert "violence" not in answer.text

    async def test_lets_only_what_is_public_into_shared_caches(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        answer = await reads.get("/v1/hsds/services")
        again = await reads.get(
            "/v1/hsds/services", headers={"If-None-Match": answer.headers["etag"]}
        )

        assert answer.headers["cache-control"].startswith("public")
        assert again.status_code == 304
        told = await reads.get("/v1/hsds/services", headers=member)
        assert told.headers["cache-control"].startswith("private")

    async def test_shows_a_change_to_whoever_asks_what_changed_since(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        latest = max(one["last_modified"] for one in (await page(client))["contents"])
        costs = "service,option,valid_from,source,locator\n"

        await bring_in(
            "service_costs",
            costs + "vaao-legal-aid,by_income,2026-06-01,demonstration,cost\n",
            ops,
        )

        found = (await page(client, modified_after=latest))["contents"]
        after = [one for one in found if one["last_modified"] > latest]
        assert [CODES[one["id"]] for one in after] == ["vaao-legal-aid"]


class TestService:
    async def test_has_places_hours_numbers_costs_and_terms(self, reads: AsyncClient) -> None:
        found = await one_of(reads, {}, "vaao-legal-aid")

        [place] = found["service_at_locations"]
        [address] = place["location"]["addresses"]
        assert (address["city"], address["country"]) == ("Prishtina", "XK")
        assert [one["number"] for one in place["phones"]] == ["+383 38 000 001"]
        assert [(one["byday"], one["opens_at"]) for one in place["schedules"]] == [
            ("MO,TU,WE,TH,FR", "08:00:00")
        ]
        assert [one["attending_type"] for one in found["schedules"]] == ["by_telephone"]
        assert found["email"] == "legal-aid@vaao.example"
        assert found["organization"]["id"] == found["organization_id"] == VAAO
        assert [one["amount"] for one in found["cost_options"]] == [0]
        assert {one["taxonomy_term"]["code"] for one in found["attributes"]} == {
            "legal_representation"
        }
        assert found["minimum_age"] == 18
        assert "maximum_age" not in found
        assert "Made up" in found["alert"]

    async def test_has_no_place_where_it_is_confidential(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        found = await one_of(reads, member, "isf-accommodation")
        places = await page(reads, member, "service_at_locations", per_page=200)

        assert found["service_at_locations"] == found["phones"] == []
        assert [one["name"] for one in found["service_areas"]] == ["The whole country"]
        assert not {"description", "url", "email"} & found.keys()
        assert found["eligibility_description"] == "Adults, People at high risk"
        assert len(found["schedules"]) == 1
        assert str(identify("service", "isf-accommodation")) not in {
            one["service_id"] for one in places["contents"]
        }

    async def test_speaks_the_language_of_whoever_asks(self, reads: AsyncClient) -> None:
        path = f"/v1/hsds/services/{identify('service', 'vaao-legal-aid')}"

        found = (await reads.get(path, headers={"Accept-Language": "sq"})).json()

        assert found["name"].startswith("Përfaqësim ligjor")
        assert found["attributes"][0]["taxonomy_term"]["name"] == "Përfaqësim ligjor"


class TestOrganizations:
    async def test_are_only_those_that_offer_what_one_may_know(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        for headers, offering in (({}, {"crpk", "vaao"}), (member, {"isf", "dsw", "pvpt"})):
            found = await page(reads, headers, "organizations")
            ids = {one["id"] for one in found["contents"]}
            assert {str(identify("institution", code)) for code in offering} <= ids
            assert found["total_items"] == len(ids) == (2 if not headers else 6)
        hidden = f"/v1/hsds/organizations/{identify('institution', 'isf')}"
        assert (await reads.get(hidden)).status_code == 404
        assert (await reads.get(hidden, headers=member)).status_code == 200

    async def test_have_their_services_in_full_when_asked_for(self, reads: AsyncClient) -> None:
        brief = await page(reads, {}, f"organizations/{VAAO}")
        full = await page(reads, {}, f"organizations/{VAAO}", full_service="true")

        assert [CODES[one["id"]] for one in brief["services"]] == ["vaao-legal-aid"]
        assert "schedules" not in brief["services"][0]
        assert full["services"][0]["schedules"]


class TestTaxonomies:
    async def test_have_a_term_for_every_code(self, reads: AsyncClient) -> None:
        below = await page(reads, {}, "taxonomy_terms", parent_id=RIGHTS)
        top = await page(reads, {}, "taxonomy_terms", top_only="true", taxonomy_id=TYPES)

        assert LEGAL in {one["id"] for one in below["contents"]}
        assert {one["id"] for one in below["contents"]} == {
            one["id"] for one in below["contents"] if one["parent_id"] == RIGHTS
        }
        assert top["total_items"] == 7

    async def test_are_404_where_there_is_none(self, reads: AsyncClient) -> None:
        for path in ("taxonomies", "taxonomy_terms", "service_at_locations", "organizations"):
            assert (await reads.get(f"/v1/hsds/{path}/{LEGAL[:-1]}0")).status_code == 404
