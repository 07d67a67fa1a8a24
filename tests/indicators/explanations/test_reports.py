"""The explanation of a figure that municipalities reported."""

from typing import Any

from httpx import AsyncClient

from tests.indicators.journey import PEOPLE, PERIOD, Journey, cells


async def explain(client: AsyncClient, key: str) -> dict[str, Any]:
    asked = {"dataflow": "decision-making", "key": key, "period": PERIOD}
    answer = await client.get("/v1/explanations", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestReportedFigure:
    async def test_rests_on_the_cells_of_verified_reports(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")
        second = await journey.verified(cells=cells({"director.F": 4}))
        await journey.verified("peje")
        await journey.release()

        told = await explain(client, "directors._T.F._T")

        assert (told["value"], told["status"], told["origin"]) == (7, "U", "synthetic")
        assert told["coverage"] == {"count": 2, "of": 38}
        assert told["submission"] is None
        assert {(one["key"], one["value"], one["role"]) for one in told["inputs"]} == {
            ("directors.peje.F._T", 3, "part"),
            ("directors.prishtine.F._T", 4, "part"),
        }
        [prishtine] = [one for one in told["inputs"] if "prishtine" in one["key"]]
        evidence = prishtine["submission"]
        assert (evidence["id"], evidence["version_no"]) == (second["id"], 2)
        assert (evidence["cell"], evidence["file_sha256"]) == ("director.F", None)
        assert evidence["verified_at"] > evidence["submitted_at"]

    async def test_shows_the_formula_and_both_sums(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.verified()
        await journey.release()

        told = await explain(client, "women-directors._T._T._T")

        assert (told["value"], told["numerator"], told["denominator"]) == (25, 3, 12)
        assert told["formula"]["text"] == "directors[sex=F] / directors * 100"
        assert told["check"]["agrees"]
        assert [(one["role"], one["key"]) for one in told["inputs"]] == [
            ("numerator", "directors.prishtine.F._T"),
            ("denominator", "directors.prishtine._T._T"),
        ]

    async def test_names_nobody(self, journey: Journey, client: AsyncClient) -> None:
        await journey.verified()
        await journey.release()

        told = str(await explain(client, "directors.prishtine.F._T"))

        assert not [who for who, _, _ in PEOPLE if who in told]

    async def test_says_in_three_languages_that_it_is_invented(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        await journey.verified()
        await journey.release()

        citations = (await explain(client, "directors._T.F._T"))["citations"]

        assert citations["en"].startswith("Komuna, invented for demonstration.")
        assert "shpikur" in citations["sq"]
        assert "izmišljeno" in citations["sr-Latn"]

    async def test_explains_why_there_is_none(self, journey: Journey, client: AsyncClient) -> None:
        await journey.verified()
        await journey.release()

        told = await explain(client, "directors.peje.F._T")

        assert (told["value"], told["status"], told["reason"]) == (None, "O", "not_received")
        assert told["submission"] is None
