"""HTTP for what follows a submission: who may see and judge it, and what comes after a return."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.indicators.journey import OBLIGATION, Journey, cells


def reviews(found: dict[str, Any]) -> dict[str, str]:
    return {one["cell"]: one["review"] for one in found["cells"]}


class TestResubmission:
    async def test_leaves_only_what_changed_to_be_reviewed(self, journey: Journey) -> None:
        first = await journey.sent()
        returned = await journey.returned(first["id"], director_M="9 of how many?")

        second = await journey.sent(cells=cells({"director.M": 8}))

        assert (returned["state"], reviews(returned)["director.M"]) == ("returned", "queried")
        assert (second["version_no"], second["supersedes"]) == (2, first["id"])
        assert {name for name, one in reviews(second).items() if one != "approved"} == {
            "director.M"
        }
        [changed] = [one for one in second["cells"] if one["review"] == "changed"]
        assert (changed["value"], changed["before"]["value"]) == (8, 9)
        assert (changed["query"], second["to_review_count"]) == ("9 of how many?", 1)

    async def test_keeps_the_question_to_a_cell_that_stayed_the_same(
        self, journey: Journey
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?", mayor_F="Sure?")

        second = await journey.sent(cells=cells({"director.M": 8}))

        told = {name: one for name, one in reviews(second).items() if one != "approved"}
        assert told == {"director.M": "changed", "mayor.F": "queried"}

    async def test_tells_the_officer_who_did_what(self, journey: Journey) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")
        second = await journey.sent("officer-prishtine-2", cells=cells({"director.M": 8}))
        await journey.decide(second["id"], "analyst-2")

        found = (await journey.read(second["id"], "officer-prishtine")).json()

        assert found["state"] == "verified"
        assert [(one["event"], one["version_no"], one["by"]) for one in found["history"]] == [
            ("submitted", 1, "officer-prishtine"),
            ("returned", 1, "analyst-1"),
            ("submitted", 2, "officer-prishtine-2"),
            ("verified", 2, "analyst-2"),
        ]
        assert set(reviews(found).values()) == {"approved"}


class TestReading:
    async def test_hides_what_others_reported(self, journey: Journey, client: AsyncClient) -> None:
        made = await journey.sent()

        for who in ("officer-peje", "officer-1", "nobody"):
            hidden = await journey.read(made["id"], who)
            listed = await client.get("/v1/submissions", headers=journey.headers(who))
            unknown = await journey.read(str(uuid4()), who)

            assert (hidden.status_code, unknown.status_code) == (404, 404)
            assert (listed.status_code, listed.json()["items"]) == (200, [])

    @pytest.mark.parametrize("who", ["officer-prishtine", "officer-prishtine-2", "analyst-2"])
    async def test_shows_a_report_to_its_municipality_and_to_analysts(
        self, journey: Journey, client: AsyncClient, who: str
    ) -> None:
        made = await journey.sent()
        await journey.sent("officer-peje", "peje")

        listed = await client.get(
            f"/v1/submissions?municipality=prishtine&state=submitted&obligation={OBLIGATION}",
            headers=journey.headers(who),
        )

        assert (await journey.read(made["id"], who)).status_code == 200
        assert [one["id"] for one in listed.json()["items"]] == [made["id"]]

    async def test_is_not_sent_again_while_it_is_the_same(self, journey: Journey) -> None:
        made = await journey.sent()
        tag = (await journey.read(made["id"])).headers["etag"]

        same = await journey.read(made["id"], **{"If-None-Match": tag})
        await journey.decide(made["id"])
        changed = await journey.read(made["id"], **{"If-None-Match": tag})

        assert (same.status_code, changed.status_code) == (304, 200)


class TestCreateDecision:
    async def test_is_not_for_whoever_contributed_to_any_version(self, journey: Journey) -> None:
        first = await journey.sent("both")
        own = await journey.decide(first["id"], "both")
        await journey.returned(first["id"], director_M="Sure?")
        second = await journey.sent("officer-prishtine-2", cells=cells({"director.M": 8}))

        contributed = await journey.decide(second["id"], "both")

        assert (own.status_code, own.json()["code"]) == (403, "own_work")
        assert (contributed.status_code, contributed.json()["code"]) == (403, "own_work")

    async def test_bars_whoever_decided_from_contributing(self, journey: Journey) -> None:
        first = await journey.sent()
        await journey.decide(
            first["id"],
            "both",
            decision="return",
            comments=[{"cell": "mayor.F", "comment": "Sure?"}],
        )

        answer = await journey.send("both")

        assert (answer.status_code, answer.json()["code"]) == (403, "own_decision")

    async def test_of_two_at_once_one_wins(self, journey: Journey) -> None:
        made = await journey.sent()
        tag = (await journey.read(made["id"])).headers["etag"]

        answers = await asyncio.gather(
            *(journey.decide(made["id"], f"analyst-{who}", tag=tag) for who in (1, 2))
        )

        assert sorted(one.status_code for one in answers) == [201, 409]
        [lost] = [one for one in answers if one.status_code == 409]
        assert lost.json()["code"] == "already_decided"

    @pytest.mark.parametrize(
        "wanted",
        [
            {"decision": "return"},
            {"decision": "verify", "comments": [{"cell": "mayor.F", "comment": "Sure?"}]},
            {"decision": "return", "comments": [{"cell": "no-such", "comment": "Sure?"}]},
            {"decision": "publish"},
        ],
    )
    async def test_says_what_is_wrong_or_nothing(
        self, journey: Journey, wanted: dict[str, Any]
    ) -> None:
        made = await journey.sent()

        answer = await journey.decide(made["id"], **wanted)

        assert answer.status_code == 422, answer.text
        assert "no-such" not in answer.text

    async def test_needs_the_version_it_is_about(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        made = await journey.sent()
        path = f"/v1/submissions/{made['id']}/decisions"

        without = await client.post(
            path, json={"decision": "verify"}, headers=journey.headers("analyst-1")
        )
        other = await journey.decide(made["id"], tag='"other"')

        assert (without.status_code, other.status_code) == (428, 412)

    async def test_takes_the_version_read_in_another_language(self, journey: Journey) -> None:
        made = await journey.sent()
        read = await journey.read(made["id"], **{"Accept-Language": "sq"})

        assert (await journey.decide(made["id"], tag=read.headers["etag"])).status_code == 201

    @pytest.mark.parametrize("who", ["officer-prishtine", "officer-peje", "nobody"])
    async def test_refuses_whoever_is_no_analyst(self, journey: Journey, who: str) -> None:
        made = await journey.sent()

        answer = await journey.decide(made["id"], who)

        expected = 403 if who == "officer-prishtine" else 404
        assert answer.status_code == expected

    async def test_is_recorded(self, journey: Journey, indicators: ServiceDatabase) -> None:
        made = await journey.sent()
        await journey.decide(made["id"])

        rows = await indicators.fetch(
            "select action, subject from audit_event where subject_id = $1 order by id", made["id"]
        )

        assert [(one["action"], one["subject"]) for one in rows] == [
            ("submission.submit", "officer-prishtine"),
            ("submission.verify", "analyst-1"),
        ]
