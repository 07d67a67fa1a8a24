"""Sending a workbook: taken in as a report, or kept with all that is wrong with it."""

import hashlib
import io
from uuid import uuid4

import asyncpg
import openpyxl
import pytest
from httpx import AsyncClient
from openpyxl.worksheet.worksheet import Worksheet

from komuna_indicators.workbooks.operations import forget_refused
from tests.databases import ServiceDatabase
from tests.indicators.conftest import Bearer
from tests.indicators.journey import READ, VALUES, Journey

from .books import put, row_of
from .sending import WHERE, XLSX, filled, send


class TestTakeIn:
    async def test_takes_a_good_file_in_as_the_same_report(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        body = await filled(
            journey,
            lambda sheet: put(sheet, "director.M", value="12 ", comment="two are acting"),
            lambda sheet: put(sheet, "mayor.F", value=None, reason="Not received yet"),
        )

        answer = await send(journey, body)

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["channel"], made["version_no"]) == ("xlsx", 1)
        assert made["file_sha256"] == hashlib.sha256(body).hexdigest()
        told = {one["cell"]: one for one in made["cells"]}
        assert (told["director.M"]["value"], told["director.M"]["comment"]) == (
            12,
            "two are acting",
        )
        assert (told["mayor.F"]["value"], told["mayor.F"]["status"]) == (None, "O")
        assert told["mayor.F"]["reason"] == "not_received"
        assert told["director.F"]["value"] == 3
        [row] = await indicators.fetch("select * from submission_file")
        assert (str(row["submission"]), row["state"]) == (made["id"], "accepted")
        assert row["body"] == body

    async def test_answers_a_repeated_request_with_the_same_report(self, journey: Journey) -> None:
        body, key = await filled(journey), str(uuid4())

        first, again = await send(journey, body, key=key), await send(journey, body, key=key)

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert again.headers["idempotent-replayed"] == "true"

    async def test_names_each_wrong_cell_and_keeps_the_file(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        body = await filled(
            journey,
            lambda sheet: put(sheet, "director.M", value="9,5"),
            lambda sheet: put(sheet, "mayor.F", value="=1+1"),
        )
        sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]

        answer = await send(journey, body)

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "file_refused")
        assert {(one["pointer"], one["code"]) for one in problem["errors"]} == {
            (f"/sheets/Form/cells/C{row_of(sheet, 'mayor.F')}", "uncalculated_formula"),
            (f"/sheets/Form/cells/C{row_of(sheet, 'director.M')}", "decimal_comma"),
        }
        assert "9,5" not in answer.text
        assert await indicators.fetch("select 1 from submission") == []
        [row] = await indicators.fetch("select state, body from submission_file")
        assert (row["state"], row["body"]) == ("refused", body)
        [event] = await indicators.fetch(
            "select subject from audit_event where action = 'submission_file.refuse'"
        )
        assert event["subject"] == "officer-prishtine"
        assert (await send(journey, body)).status_code == 422
        assert len(await indicators.fetch("select 1 from submission_file")) == 1

    async def test_names_what_the_form_itself_finds_wrong(self, journey: Journey) -> None:
        body = await filled(journey, lambda sheet: put(sheet, "director._T", value=99))
        sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]

        answer = await send(journey, body)

        [error] = answer.json()["errors"]
        at = f"/sheets/Form/cells/C{row_of(sheet, 'director._T')}"
        assert (error["pointer"], error["code"]) == (at, "not_the_sum")

    async def test_wants_nothing_at_all_to_be_attested(self, journey: Journey) -> None:
        def nothing(sheet: Worksheet) -> None:
            for code in VALUES:
                put(sheet, code, value=0)

        answer = await send(journey, await filled(journey, nothing))
        assert [one["code"] for one in answer.json()["errors"]] == ["attestation_does_not_fit"]

        body = await filled(
            journey, nothing, lambda sheet: put(sheet, "attests_no_cases", value="yes")
        )
        answer = await send(journey, body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["attests_no_cases"] is True

    async def test_only_checks_when_that_is_asked(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        good, bad = (
            await filled(journey),
            await filled(journey, lambda s: put(s, "mayor.F", value=-1)),
        )

        checked = await send(journey, good, dry_run="true")
        refused = await send(journey, bad, dry_run="true")

        assert (checked.status_code, checked.json()["version_no"]) == (200, 1)
        assert (refused.status_code, refused.json()["code"]) == (422, "file_refused")
        assert await indicators.fetch("select 1 from submission_file") == []
        assert await indicators.fetch("select 1 from submission") == []

    @pytest.mark.parametrize(
        "body", [b"", b"a,b\n1,2\n", b"PK\x03\x04"], ids=["empty", "csv", "cut off"]
    )
    async def test_refuses_what_is_no_workbook(self, journey: Journey, body: bytes) -> None:
        answer = await send(journey, body)

        assert answer.status_code == 422
        assert [one["code"] for one in answer.json()["errors"]] == ["malformed_workbook"]

    async def test_refuses_another_municipalitys_workbook(self, journey: Journey) -> None:
        body = await filled(journey, municipality="peje")

        answer = await send(journey, body)

        assert [one["code"] for one in answer.json()["errors"]] == ["other_municipality"]

    @pytest.mark.parametrize("who", ["officer-peje", "analyst-1", "officer-1"])
    async def test_is_for_the_officer_of_that_municipality(
        self, journey: Journey, indicators: ServiceDatabase, who: str
    ) -> None:
        answer = await send(journey, await filled(journey), who)

        assert answer.status_code == 403
        assert await indicators.fetch("select 1 from submission_file") == []

    async def test_waits_for_the_decision_about_the_version_before(self, journey: Journey) -> None:
        body = await filled(journey)
        assert (await send(journey, body)).status_code == 201

        answer = await send(journey, body)

        assert (answer.status_code, answer.json()["code"]) == (409, "waits_for_decision")

    async def test_takes_a_corrected_file_in_after_a_return(self, journey: Journey) -> None:
        made = (await send(journey, await filled(journey))).json()
        await journey.returned(made["id"], director_M="Is this right?")
        body = await filled(journey, lambda sheet: put(sheet, "director.M", value=10))

        answer = await send(journey, body)

        assert answer.json()["version_no"] == 2
        assert answer.json()["supersedes"] == made["id"]

    async def test_refuses_a_body_over_its_cap_and_of_another_kind(self, journey: Journey) -> None:
        assert (await send(journey, b"x" * (1024 * 1024 + 1))).status_code == 413
        headers = journey.headers("officer-prishtine")
        answer = await journey.client.post(
            "/v1/submission-files", params=WHERE, json={}, headers=headers
        )
        assert answer.status_code == 415

    async def test_needs_the_scope_and_a_key(self, client: AsyncClient, bearer: Bearer) -> None:
        headers = {**bearer("officer-prishtine", READ), "Content-Type": XLSX}
        path = "/v1/submission-files"
        answer = await client.post(path, params=WHERE, content=b"x", headers=headers)
        assert answer.status_code == 403
        headers = {
            **bearer("officer-prishtine", "indicators.submissions.write"),
            "Content-Type": XLSX,
        }
        answer = await client.post(path, params=WHERE, content=b"x", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


class TestKeptFiles:
    async def test_are_evidence_once_taken_in(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await send(journey, await filled(journey))

        for change in (
            "update submission_file set problems = '[1]'",
            "delete from submission_file",
        ):
            with pytest.raises(asyncpg.CheckViolationError):
                await indicators.fetch(change)

    async def test_are_forgotten_a_month_after_they_were_refused(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await send(journey, b"no workbook", "officer-prishtine-2")
        await send(journey, await filled(journey))
        for days, left in ((29, 2), (31, 1)):
            await indicators.fetch(
                "update submission_file set created_at = now() - make_interval(days => $1)"
                " where state = 'refused'",
                days,
            )
            async with indicators.opened() as opened, opened.session() as session:
                await forget_refused(session)
            assert len(await indicators.fetch("select 1 from submission_file")) == left

    async def test_wait_in_the_senders_tasks_until_the_report_came_in(
        self, journey: Journey
    ) -> None:
        async def tasks(who: str) -> list[str]:
            answer = await journey.client.get("/v1/me/tasks", headers=journey.headers(who))
            return [one["link"] for one in answer.json()["items"] if one["kind"] == "correct_file"]

        refused = await send(journey, b"no workbook")

        [link] = await tasks("officer-prishtine")
        assert link.startswith("/indicators/v1/submission-files/")
        assert link.removeprefix("/indicators") in refused.headers["link"]
        assert await tasks("officer-prishtine-2") == []
        assert (await send(journey, await filled(journey))).status_code == 201
        assert await tasks("officer-prishtine") == []
