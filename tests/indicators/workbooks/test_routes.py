"""HTTP for workbooks: fetched, and answered."""

import io
from uuid import uuid4

import openpyxl
import pytest
from httpx import AsyncClient
from openpyxl.worksheet.worksheet import Worksheet

from tests.indicators.conftest import Bearer
from tests.indicators.journey import PERIOD, VALUES, Journey

from .books import changed, put
from .sending import XLSX, fetch, filled, reply, send


class TestGetWorkbook:
    async def test_is_the_same_each_time_and_known_by_its_tag(self, journey: Journey) -> None:
        first, again = await fetch(journey), await fetch(journey)

        assert first.content == again.content
        assert first.headers["content-type"] == XLSX
        assert (
            "decision-making-posts_prishtine_2026-S1_en.xlsx"
            in first.headers["content-disposition"]
        )
        headers = {**journey.headers("officer-prishtine"), "If-None-Match": first.headers["etag"]}
        answer = await journey.client.get(first.request.url, headers=headers)
        assert answer.status_code == 304

    async def test_is_in_the_language_that_is_asked_for(self, journey: Journey) -> None:
        answer = await fetch(journey, lang="sr-Latn")

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert "Zašto nema cifre" in {cell.value for row in sheet.iter_rows() for cell in row}
        assert answer.headers["content-language"] == "sr-Latn"

    @pytest.mark.parametrize(
        ("asked", "status", "code"),
        [
            ({"municipality": "atlantis"}, 404, "not_found"),
            ({"obligation": "other"}, 404, "not_found"),
            ({"period": "2026-Q1"}, 422, "period_not_due"),
            ({"period": "2025-S2"}, 422, "period_not_due"),
            ({"period": "soon"}, 400, "unknown_period"),
        ],
    )
    async def test_is_only_made_for_what_is_reported(
        self, journey: Journey, asked: dict[str, str], status: int, code: str
    ) -> None:
        answer = await fetch(journey, **asked)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_may_be_fetched_before_the_period_is_over(self, journey: Journey) -> None:
        assert (await fetch(journey, period="2027-S1")).status_code == 200

    async def test_needs_the_scope(self, client: AsyncClient, bearer: Bearer) -> None:
        path = f"/v1/forms/decision-making-posts/workbook?municipality=peje&period={PERIOD}"
        assert (await client.get(path)).status_code == 401
        headers = bearer("officer-prishtine", "indicators.me.read")
        assert (await client.get(path, headers=headers)).status_code == 403


class TestCreateSubmissionFile:
    async def test_points_to_the_sheet_as_the_file_names_it(self, journey: Journey) -> None:
        def rename(sheet: Worksheet) -> None:
            sheet.title = "Of Arta"

        wrong = await filled(journey, lambda s: put(s, "mayor.F", value="x"), lang="sq")
        answers = [
            await send(journey, wrong, lang="en"),
            await send(journey, changed(wrong, rename), lang="en"),
        ]

        pointers = [answer.json()["errors"][0]["pointer"] for answer in answers]
        assert [one.rpartition("/cells/")[0] for one in pointers] == [
            "/sheets/Formulari",
            "/sheets/Form",
        ]
        assert "Arta" not in answers[1].text


class TestGetReply:
    async def test_marks_each_wrong_cell_in_the_officers_language(self, journey: Journey) -> None:
        body = await filled(
            journey,
            lambda sheet: put(sheet, "director.M", value="9,5", comment="see annex"),
            lambda sheet: put(sheet, "mayor.F", value=-1),
        )
        refused = await send(journey, body)

        answer = await reply(journey, refused.headers["link"], lang="sq")

        assert answer.headers["content-type"] == XLSX
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        shown = {row[0].value: row for row in sheet.iter_rows() if row[0].value}
        assert shown["director.M"][2].value == "9,5"
        assert shown["mayor.M"][2].value == VALUES["mayor.M"]
        assert shown["director.M"][4].value == "see annex"
        assert "presje dhjetore" in shown["director.M"][5].value
        assert "nën zero" in shown["mayor.F"][5].value
        red = shown["mayor.F"][2].fill.fgColor.rgb
        assert red != shown["mayor.M"][2].fill.fgColor.rgb
        assert shown["mayor.M"][5].value is None
        assert "Probleme në skedarin që dërguat: 2" in "\n".join(map(str, shown))

    async def test_may_be_corrected_and_sent_in(self, journey: Journey) -> None:
        refused = await send(journey, await filled(journey, lambda s: put(s, "mayor.F", value="x")))
        answer = await reply(journey, refused.headers["link"])

        corrected = changed(answer.content, lambda sheet: put(sheet, "mayor.F", value="0"))
        made = await send(journey, corrected)

        assert made.status_code == 201, made.text
        assert {one["cell"]: one["value"] for one in made.json()["cells"]} == VALUES

    async def test_never_runs_what_was_sent(self, journey: Journey) -> None:
        evil = '=HYPERLINK("http://example.org")'
        body = await filled(
            journey, lambda sheet: put(sheet, "mayor.F", value="x", comment=" " + evil)
        )
        refused = await send(journey, body)

        answer = await reply(journey, refused.headers["link"])

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        [cell] = [row[4] for row in sheet.iter_rows() if row[0].value == "mayor.F"]
        assert (cell.value, cell.data_type) == (evil, "s")

    async def test_answers_a_good_file_too(self, journey: Journey) -> None:
        made = await send(journey, await filled(journey))

        answer = await reply(journey, made.headers["link"])

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert "The file that you sent was taken in. The figures below are as sent." in {
            row[0].value for row in sheet.iter_rows()
        }

    async def test_says_of_an_unreadable_file_what_it_is(self, journey: Journey) -> None:
        refused = await send(journey, b"not a workbook")

        answer = await reply(journey, refused.headers["link"])

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert "The file is not a workbook that can be read." in {
            row[0].value for row in sheet.iter_rows()
        }

    @pytest.mark.parametrize("who", ["officer-prishtine-2", "officer-peje", "analyst-1"])
    async def test_hides_what_others_sent(self, journey: Journey, who: str) -> None:
        refused = await send(journey, await filled(journey, lambda s: put(s, "mayor.F", value=-1)))
        link = refused.headers["link"]

        foreign = await reply(journey, link, who)
        unknown = await reply(journey, f"</v1/submission-files/{uuid4()}/reply>", who)

        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert (await reply(journey, link)).status_code == 200
