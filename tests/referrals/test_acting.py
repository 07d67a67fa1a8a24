"""For which of several institutions somebody acts."""

import httpx

from tests.databases import ServiceDatabase
from tests.referrals.casework import Headers
from tests.referrals.conftest import PEJE, PRIZREN, Grant, trail


class TestInstitution:
    async def test_is_asked_of_who_acts_for_several(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant
    ) -> None:
        await grant("advocate")
        await grant("advocate", institution=PEJE)

        response = await client.get("/v1/cases", headers=headers("persona:advocate"))

        assert (response.status_code, response.json()["code"]) == (
            400,
            "acting_institution_missing",
        )
        assert response.json()["errors"][0]["pointer"] == "/header/acting-institution"

    async def test_decides_which_roles_count(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, database: ServiceDatabase
    ) -> None:
        await grant("advocate")
        await grant("coordinator", sub="persona:advocate", institution=PEJE)

        answers = [
            await client.get(
                "/v1/cases", headers=headers("persona:advocate", acting_institution=one)
            )
            for one in (PRIZREN, PEJE)
        ]

        assert [one.status_code for one in answers] == [200, 403]
        assert [row["institution"] for row in await trail(database)] == [PRIZREN, PEJE]

    async def test_that_is_not_ones_own_gives_nothing_and_is_not_repeated(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, database: ServiceDatabase
    ) -> None:
        await grant("advocate")

        response = await client.get(
            "/v1/cases", headers=headers("persona:advocate", acting_institution="arta-krasniqi")
        )

        assert response.status_code == 403
        assert "arta" not in response.text
        assert [row["institution"] for row in await trail(database)] == [None]
