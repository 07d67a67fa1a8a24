"""HTTP for submissions: who may send what."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.indicators.conftest import Bearer
from tests.indicators.journey import ALL, READ, Journey, body, cells


def reviews(found: dict[str, Any]) -> dict[str, str]:
    return {one["cell"]: one["review"] for one in found["cells"]}


class TestCreateSubmission:
    async def test_keeps_a_first_version_and_says_that_it_is_late(self, journey: Journey) -> None:
        made = await journey.sent()

        assert (made["version_no"], made["state"], made["supersedes"]) == (1, "submitted", None)
        assert (made["is_late"], made["is_synthetic"], made["is_correction"]) == (True, True, False)
        assert (made["due_on"], made["period"]) == ("2026-07-15", "2026-S1")
        assert set(reviews(made).values()) == {"to_review"}
        assert [one["event"] for one in made["history"]] == ["submitted"]

    async def test_names_every_wrong_cell_by_its_place(self, journey: Journey) -> None:
        wrong = cells({"director.M": -1, "mayor.M": None})
        wrong[1]["reason"] = None
        wrong[2]["value"] = 1.5
        wrong.append({"cell": "no-such", "value": 1})

        answer = await journey.send(cells=wrong)

        assert answer.status_code == 422
        assert answer.json()["code"] == "cells_refused"
        assert {(one["pointer"], one["code"]) for one in answer.json()["errors"]} == {
            ("/cells/1/status", "no_value_or_reason"),
            ("/cells/2/value", "too_precise"),
            ("/cells/7/value", "out_of_range"),
            ("/cells/8/cell", "unknown_cell"),
        }
        assert "no-such" not in answer.text

    @pytest.mark.parametrize(
        ("total", "code"), [(11, "not_the_sum"), (13, "not_the_sum"), (12, None)]
    )
    async def test_compares_a_total_with_its_parts(
        self, journey: Journey, total: int, code: str | None
    ) -> None:
        answer = await journey.send(cells=cells({"director._T": total}))

        told = [(one["pointer"], one["code"]) for one in answer.json().get("errors", [])]
        assert told == ([("/cells/8/value", code)] if code else [])

    async def test_wants_nothing_at_all_to_be_attested(self, journey: Journey) -> None:
        nothing = cells(dict.fromkeys((one["cell"] for one in cells()), 0))

        refused = await journey.send(cells=nothing)
        made = await journey.sent(cells=nothing, attests_no_cases=True)

        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json()["errors"]] == ["/attests_no_cases"]
        assert made["attests_no_cases"]

    async def test_tried_only_keeps_nothing(self, journey: Journey, client: AsyncClient) -> None:
        tried = await client.post(
            "/v1/submissions?dry_run=true",
            json=body(),
            headers=journey.headers("officer-prishtine"),
        )
        listed = await client.get("/v1/submissions", headers=journey.headers("analyst-1"))

        assert tried.status_code == 200, tried.text
        assert (tried.json()["version_no"], len(tried.json()["changed_cells"])) == (1, 8)
        assert listed.json()["items"] == []

    async def test_is_one_thing_when_it_is_sent_twice(
        self, journey: Journey, client: AsyncClient
    ) -> None:
        headers = journey.headers("officer-prishtine")

        first = await client.post("/v1/submissions", json=body(), headers=headers)
        again = await client.post("/v1/submissions", json=body(), headers=headers)

        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert again.headers["idempotent-replayed"] == "true"

    async def test_needs_a_key(self, journey: Journey, client: AsyncClient) -> None:
        headers = journey.headers("officer-prishtine")
        del headers["Idempotency-Key"]

        answer = await client.post("/v1/submissions", json=body(), headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")

    async def test_waits_while_a_version_is_not_decided_about(self, journey: Journey) -> None:
        await journey.sent()

        answer = await journey.send("officer-prishtine-2")

        assert (answer.status_code, answer.json()["code"]) == (409, "waits_for_decision")

    async def test_takes_one_of_two_first_versions(self, journey: Journey) -> None:
        answers = await asyncio.gather(
            journey.send("officer-prishtine"), journey.send("officer-prishtine-2")
        )

        assert sorted(one.status_code for one in answers) == [201, 409]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"obligation": "no-such"}, "unknown_obligation"),
            ({"period": "2026-S2"}, "period_not_over"),
            ({"period": "2025-S2"}, "period_not_due"),
            ({"period": "2026-Q1"}, "period_not_due"),
            ({"period": "soon"}, "unknown_period"),
        ],
    )
    async def test_is_for_what_is_due(
        self, journey: Journey, changes: dict[str, str], code: str
    ) -> None:
        answer = await journey.send(**changes)

        assert (answer.status_code, answer.json()["code"]) == (422, code)

    @pytest.mark.parametrize("who", ["officer-peje", "officer-1", "analyst-1", "nobody"])
    async def test_refuses_whoever_does_not_report_for_the_municipality(
        self, journey: Journey, who: str
    ) -> None:
        assert (await journey.send(who)).status_code == 403

    async def test_refuses_services_and_other_scopes(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        key = {"Idempotency-Key": str(uuid4())}
        narrow = {**bearer("officer-prishtine", READ), **key}
        service = {**bearer("tests", *ALL), **key}

        answers = [
            await client.post("/v1/submissions", json=body(), headers=headers)
            for headers in (narrow, service, key)
        ]

        assert [one.status_code for one in answers] == [403, 403, 401]
