"""HTTP for releases of reports: what the public sees afterwards, and who may make it so."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.indicators.conftest import Bearer
from tests.indicators.journey import ALL, PERIOD, READ, Journey, cells

DIRECTORS = {"indicator": "directors", "period": PERIOD}


async def figures(client: AsyncClient, **params: str) -> dict[str, dict[str, Any]]:
    """Return all figures that are asked for, by key."""
    answer = await client.get("/v1/observations", params={"limit": "200", **params})
    assert answer.status_code == 200, answer.text
    return {one["key"]: one for one in answer.json()["items"]}


class TestCreateRelease:
    async def test_publishes_a_figure_with_its_coverage(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        for municipality in ("prishtine", "peje", "viti"):
            await journey.verified(municipality)

        answer = await journey.release()
        found = await figures(client, **DIRECTORS, municipality="_T")

        assert answer.status_code == 201, answer.text
        release = answer.json()
        assert release["certificate"] == {
            "tier": "0",
            "rule": "exact",
            "attack": "tier 0, nothing to attack",
        }
        assert (release["tier"], release["is_synthetic"]) == ("0", True)
        assert release["coverage"] == {"count": 3, "of": 38}
        women = found["directors._T.F._T"]
        assert (women["value"], women["status"], women["origin"]) == (9, "U", "synthetic")
        assert women["coverage"] == {"count": 3, "of": 38}
        assert women["note"] == "Invented, for demonstration."
        assert found["directors._T._T._T"]["value"] == 36
        assert women["release"] == release["code"] == "decision-making-posts-demo-2026-S1-1"

    async def test_says_of_every_other_municipality_that_nothing_came(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.verified()
        await journey.release()

        found = await figures(client, **DIRECTORS, sex="F", group_by="municipality,sex")

        assert len(found) == 38
        told = found.pop("directors.prishtine.F._T")
        assert (told["value"], told["status"]) == (3, "A")
        assert {(one["value"], one["status"], one["reason"]) for one in found.values()} == {
            (None, "O", "not_received")
        }
        assert {one["origin"] for one in found.values()} == {"synthetic"}

    async def test_makes_ratios_of_the_sums(self, journey: Journey, client: AsyncClient) -> None:
        await journey.verified("prishtine", cells=cells({"director.F": 1, "director.M": 0}))
        await journey.verified("peje", cells=cells({"director.F": 0, "director.M": 3}))
        await journey.release()

        found = await figures(client, indicator="women-directors", period=PERIOD)

        country = found["women-directors._T._T._T"]
        assert (country["value"], country["numerator"], country["denominator"]) == (25, 1, 4)
        assert found["women-directors.prishtine._T._T"]["value"] == 100
        assert found["women-directors.peje._T._T"]["value"] == 0

    async def test_publishes_a_correction_beside_what_was_said_before(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        first = await journey.verified()
        await journey.release()
        second = await journey.verified(cells=cells({"director.M": 8}))

        answer = await journey.release()
        before = (await journey.read(first["id"])).json()
        after = (await journey.read(second["id"])).json()
        found = await figures(client, **DIRECTORS, municipality="prishtine")

        assert answer.json()["code"].endswith("-2026-S1-2")
        # director.M and all directors of the municipality and the country, and both ratios of each.
        assert second["is_correction"]
        assert (before["state"], after["state"]) == ("superseded", "published")
        assert found["directors.prishtine.M._T"]["value"] == 8
        assert [one["event"] for one in after["history"]].count("published") == 2

    async def test_has_nothing_to_release_twice(self, journey: Journey) -> None:
        await journey.verified()
        await journey.release()

        answer = await journey.release()

        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_release")

    async def test_publishes_nothing_that_is_not_verified(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.sent()
        returned = await journey.sent("officer-peje", "peje")
        await journey.returned(returned["id"], mayor_F="Sure?")

        answer = await journey.release()

        assert answer.status_code == 409
        assert await figures(client, period=PERIOD) == {}

    @pytest.mark.parametrize("who", ["officer-prishtine", "nobody"])
    async def test_refuses_whoever_is_no_analyst(self, journey: Journey, who: str) -> None:
        await journey.verified()

        assert (await journey.release(who)).status_code == 403

    async def test_refuses_services_and_other_scopes(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        wanted = {"obligation": "decision-making-posts-demo", "period": PERIOD}

        answers = [
            await client.post("/v1/releases", json=wanted, headers=headers)
            for headers in (bearer("tests", *ALL), bearer("analyst-1", READ), {})
        ]

        assert [one.status_code for one in answers] == [403, 403, 401]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"obligation": "no-such"}, "unknown_obligation"), ({"period": "soon"}, "unknown_period")],
    )
    async def test_is_of_an_obligation_and_a_period(
        self, journey: Journey, changes: dict[str, str], code: str
    ) -> None:
        answer = await journey.release(**changes)

        assert (answer.status_code, answer.json()["code"]) == (422, code)

    async def test_is_shown_for_ever(self, journey: Journey, client: AsyncClient) -> None:
        await journey.verified()
        code = (await journey.release()).json()["code"]

        answer = await client.get(f"/v1/releases/{code}")

        assert "immutable" in answer.headers["cache-control"]
        assert answer.json()["coverage"] == {"count": 1, "of": 38}
