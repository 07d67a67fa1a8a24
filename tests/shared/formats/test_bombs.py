"""Small files that would fill all memory, or keep a worker busy for ever."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from komuna_shared.formats import Media
from komuna_shared.formats.reading import Columns, UnreadableRowError, read_rows
from komuna_shared.formats.workbook import WorkbookError, read_first_sheet

COLUMNS = Columns(known=frozenset({"name", "note"}), required=frozenset({"name"}))


def refuse(path: Path, media: Media) -> tuple[int, str]:
    with pytest.raises(UnreadableRowError) as refused:
        list(read_rows(path, media, COLUMNS))
    return refused.value.row, refused.value.code


class TestReadRows:
    def test_refuses_a_sheet_of_two_cells_far_apart(self, tmp_path: Path) -> None:
        # As a dense table this is 512 GB; the reader's allocation ends its process.
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "name")
            sheet.write(1_048_575, 16_383, "x")

        assert refuse(path, Media.XLSX) == (1, "too_large")

    @pytest.mark.parametrize(
        ("body", "row"),
        [
            (b"name\n" + b"," * 1_000_001, 2),
            (b"," * 1_000_001, 1),
            (b"name\nA\n" + b'"\n",' * 300_000, 3),
        ],
    )
    def test_refuses_a_row_without_an_end(self, tmp_path: Path, body: bytes, row: int) -> None:
        path = tmp_path / "file"
        path.write_bytes(body)

        assert refuse(path, Media.CSV) == (row, "too_long")

    def test_reads_a_long_file_of_short_rows(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"name\n" + b"Peje\n" * 400_000)

        assert sum(1 for _ in read_rows(path, Media.CSV, COLUMNS)) == 400_000

    def test_marks_a_line_of_too_many_names(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"{" + b",".join(b'"n%d":1' % i for i in range(501)) + b"}\n")

        [row] = read_rows(path, Media.NDJSON, COLUMNS)

        assert (row.cells, row.faults[""].code) == ({}, "too_many_cells")


class TestReadFirstSheet:
    def test_keeps_the_kind_of_every_cell(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        cells = [date(2020, 1, 31), datetime(2020, 1, 31, 9, 30), time(9, 30), 1.5, True, "Ç"]  # noqa: DTZ001 -- a workbook has no zones.
        forms = ["yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm", None, None, None]
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for column, (cell, form) in enumerate(zip(cells, forms, strict=True)):
                sheet.write(0, column, cell, book.add_format({"num_format": form} if form else {}))
            sheet.write(1, 0, timedelta(hours=30), book.add_format({"num_format": "[h]:mm"}))

        first, second = read_first_sheet(path)

        assert first == cells
        assert second == [timedelta(hours=30)]

    def test_ends_its_process_with_the_reading(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for row in range(20_000):
                sheet.write(row, 0, "x" * 100)
        rows = read_first_sheet(path)

        assert next(rows) == ["x" * 100]
        rows.close()

        assert list(rows) == []

    def test_refuses_what_is_no_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        path.write_bytes(b"name\nA\n")

        with pytest.raises(WorkbookError) as refused:
            list(read_first_sheet(path))

        assert refused.value.code == "malformed_workbook"
