"""HTTP for the directory."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_shared.testing import Issuer
from tests.registry.conftest import Bearer, Headers

PUBLIC = ["crpk-legal-information", "vaao-legal-aid"]
REGISTERED = sorted([*PUBLIC, "dsw-psychosocial-support"])
ALL = sorted([*REGISTERED, "hhc-accommodation", "isf-accommodation", "pvpt-accommodation"])
SCOPE = "registry.directory.read"


async def listed(client: AsyncClient, headers: Headers | None = None, **query: Any) -> list[str]:
    answer = await client.get("/v1/directory/services", params=query, headers=headers or {})
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["items"]]


@pytest.fixture
def member(bearer: Bearer) -> Headers:
    return bearer("persona:advocate:vaao", SCOPE)


class TestListServices:
    async def test_hides_what_others_may_know(
        self, reads: AsyncClient, bearer: Bearer, member: Headers
    ) -> None:
        assert await listed(reads) == PUBLIC
        assert await listed(reads, bearer("nobody", SCOPE)) == PUBLIC
        assert await listed(reads, bearer("persona:analyst:mlg", SCOPE)) == REGISTERED
        assert await listed(reads, member) == ALL

    async def test_shows_what_is_public_to_a_token_without_the_scope(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        assert await listed(reads, bearer("persona:advocate:vaao", "registry.me.read")) == PUBLIC

    async def test_does_not_take_a_service_for_a_member(
        self, reads: AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.service_token("referrals", [SCOPE, "service.directory.read"])

        assert await listed(reads, {"Authorization": f"Bearer {token}"}) == PUBLIC

    @pytest.mark.parametrize(
        ("query", "codes"),
        [
            ({"type": "emergency_accommodation"}, {"hhc-accommodation", "pvpt-accommodation"}),
            ({"institution": "isf"}, {"isf-accommodation"}),
            ({"institution": "ogg"}, set()),
            ({"language": "rom"}, {"crpk-legal-information"}),
            ({"area": "viti"}, set(ALL) - {"crpk-legal-information", "dsw-psychosocial-support"}),
            ({"area": "prizren"}, set(ALL) - {"crpk-legal-information"}),
            ({"area": "district-peja"}, set(ALL) - {"crpk-legal-information"}),
            ({"area": "gracanice"}, set(ALL) - {"dsw-psychosocial-support"}),
            ({"licensed_on": "2026-06-30"}, set(ALL)),
            ({"licensed_on": "2026-07-01"}, set(ALL) - {"crpk-legal-information"}),
            ({"licensed_on": "2025-12-31"}, set()),
            ({"area": "prizren", "language": "en", "type": "legal_representation"}, {PUBLIC[1]}),
        ],
    )
    async def test_finds_what_fits_every_filter(
        self, reads: AsyncClient, member: Headers, query: dict[str, str], codes: set[str]
    ) -> None:
        assert set(await listed(reads, member, **query)) == codes

    async def test_goes_on_after_the_last_of_a_page(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        found: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            answer = await reads.get("/v1/directory/services", params=query, headers=member)
            found += [one["code"] for one in answer.json()["items"]]
            cursor = answer.json()["page"]["next_cursor"]
            if cursor is None:
                break
            query["cursor"] = cursor

        assert found == ALL

    async def test_flags_what_is_made_up_and_tells_no_place(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        answer = await reads.get("/v1/directory/services", headers=member)
        items = {one["code"]: one for one in answer.json()["items"]}

        assert all(one["is_synthetic"] for one in items.values())
        shelter = items["isf-accommodation"]
        assert shelter["is_confidential"] is True
        assert shelter["areas"] == [{"kind": "national", "code": None}]
        assert shelter["licence"]["is_valid"] is True
        assert items["crpk-legal-information"]["licence"]["is_valid"] is False
        assert shelter.keys() == {
            *(
                "code",
                "label",
                "label_language",
                "names",
                "institution",
                "type",
                "audience",
                "status",
            ),
            *("is_confidential", "is_synthetic", "areas", "languages", "eligibility", "licence"),
            *("valid_from", "valid_until", "source", "locator"),
        }

    async def test_lets_only_what_is_public_into_shared_caches(
        self, reads: AsyncClient, member: Headers
    ) -> None:
        for path in ("/v1/directory/services", "/v1/directory/services/vaao-legal-aid"):
            assert (await reads.get(path)).headers["cache-control"].startswith("public")
            answer = await reads.get(path, headers=member)
            assert answer.headers["cache-control"].startswith("private")


class TestGetService:
    async def test_shows_every_licence_and_its_source(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/directory/services/crpk-legal-information")).json()

        assert [one["number"] for one in found["licences"]] == ["DEMO-2026-06"]
        assert found["licences"][0]["source"] == found["source"] == "demonstration"
        assert [one["code"] for one in found["areas"]] == ["gracanice", "prishtine"]

    async def test_hides_what_others_may_know(
        self, reads: AsyncClient, bearer: Bearer, member: Headers
    ) -> None:
        path = "/v1/directory/services/isf-accommodation"

        assert (await reads.get(path, headers=member)).status_code == 200
        for headers in ({}, bearer("persona:analyst:mlg", SCOPE)):
            assert (await reads.get(path, headers=headers)).status_code == 404

    async def test_answers_304_to_whoever_has_it(self, reads: AsyncClient) -> None:
        path = "/v1/directory/services/vaao-legal-aid"
        tag = (await reads.get(path)).headers["etag"]

        assert (await reads.get(path, headers={"If-None-Match": tag})).status_code == 304


class TestGetLicence:
    @pytest.mark.parametrize(
        ("service", "on", "stands"),
        [
            ("isf-accommodation", "2026-11-22", (True, True, "2029-01-01")),
            ("isf-accommodation", "2028-12-31", (True, True, "2029-01-01")),
            ("isf-accommodation", "2029-01-01", (True, False, None)),
            ("isf-accommodation", "2025-12-31", (False, False, None)),
            ("crpk-legal-information", "2026-06-30", (True, True, "2026-07-01")),
            ("crpk-legal-information", "2026-07-01", (True, False, None)),
        ],
    )
    async def test_tells_a_service_how_another_stands_on_a_day(
        self,
        reads: AsyncClient,
        issuer: Issuer,
        service: str,
        on: str,
        stands: tuple[bool, bool, str | None],
    ) -> None:
        token = issuer.service_token("referrals", ["service.directory.read"])

        answer = await reads.get(
            f"/v1/directory/licences/{service}",
            params={"on": on},
            headers={"Authorization": f"Bearer {token}"},
        )

        found = answer.json()
        assert (found["is_active"], found["is_licensed"], found["licence_until"]) == stands
        assert (found["service"], found["on"], found["is_synthetic"]) == (service, on, True)

    async def test_refuses_the_wrong_caller(
        self, reads: AsyncClient, bearer: Bearer, issuer: Issuer, member: Headers
    ) -> None:
        path = "/v1/directory/licences/isf-accommodation"
        other = issuer.service_token("indicators", ["service.notices.write"])

        assert (await reads.get(path)).status_code == 401
        for headers in (
            member,
            bearer("persona:ops", "service.directory.read"),
            {"Authorization": f"Bearer {other}"},
        ):
            assert (await reads.get(path, headers=headers)).status_code == 403

    async def test_knows_no_service_that_is_not_there(
        self, reads: AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.service_token("referrals", ["service.directory.read"])

        answer = await reads.get(
            "/v1/directory/licences/nothing", headers={"Authorization": f"Bearer {token}"}
        )

        assert answer.status_code == 404
