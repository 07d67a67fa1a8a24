"""Problems of a workbook's cells, named as a spreadsheet names them."""

from io import BytesIO

import xlsxwriter
from httpx import AsyncClient

from komuna_shared.database import Database
from komuna_shared.formats import Media
from tests.shared.imports.files import HOME, run, send


class TestRun:
    async def test_names_the_cell_of_a_sheet_and_of_nothing_else(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        sheet = BytesIO()
        with xlsxwriter.Workbook(sheet) as book:
            page = book.add_worksheet()
            for row, cells in enumerate(
                (["mood", "size", "title"], ["", 3, "A"], ["", "", "Atlantis"], ["", "x", "B"])
            ):
                page.write_row(row, 0, cells)
        for body, media, named in (
            (sheet.getvalue(), Media.XLSX, ["C3", "B4"]),
            ("mood,title\n,Atlantis\n", Media.CSV, [None]),
        ):
            answer = await send(client, writer, body, media)
            await run(database, answer.json()["id"])
            url = f"{HOME}/{answer.json()['id']}/problems"
            items = (await client.get(url, headers=writer)).json()["items"]

            assert [one["cell"] for one in items] == named
