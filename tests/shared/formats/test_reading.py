"""Rows out of files as people save them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from komuna_shared.formats import Media
from komuna_shared.formats.reading import Columns, UnreadableRowError, letter, read_rows
from komuna_shared.formats.writing import RowWriter

COLUMNS = Columns(known=frozenset({"name", "women", "note"}), required=frozenset({"name"}))


def read(tmp_path: Path, body: bytes, media: Media = Media.CSV) -> list[tuple[int, dict[str, Any]]]:
    path = tmp_path / "file"
    path.write_bytes(body)
    return [(row.number, row.cells) for row in read_rows(path, media, COLUMNS)]


def faults(tmp_path: Path, body: bytes, media: Media = Media.CSV) -> list[tuple[int, str, str]]:
    path = tmp_path / "file"
    path.write_bytes(body)
    rows = read_rows(path, media, COLUMNS)
    return [(row.number, name, one.code) for row in rows for name, one in row.faults.items()]


def refuse(tmp_path: Path, body: bytes, media: Media = Media.CSV) -> tuple[int, str, str]:
    with pytest.raises(UnreadableRowError) as refused:
        read(tmp_path, body, media)
    return refused.value.row, refused.value.column, refused.value.code


class TestCsv:
    @pytest.mark.parametrize("body", ["name,women\nPejë,12\n", "\ufeffName;Women\r\nPejë;12\r\n"])
    def test_reads_both_delimiters_with_or_without_a_mark(self, tmp_path: Path, body: str) -> None:
        assert read(tmp_path, body.encode()) == [(2, {"name": "Pejë", "women": "12"})]

    def test_reads_a_blank_as_none_and_skips_empty_rows(self, tmp_path: Path) -> None:
        body = b"name,women\nA,\n,\n\nB,0\n"

        assert read(tmp_path, body) == [
            (2, {"name": "A", "women": None}),
            (5, {"name": "B", "women": "0"}),
        ]

    def test_undoes_what_was_neutralised(self, tmp_path: Path) -> None:
        assert read(tmp_path, b"name\n'=1+1\n-5\n") == [
            (2, {"name": "=1+1"}),
            (3, {"name": "-5"}),
        ]

    def test_counts_rows_and_not_lines(self, tmp_path: Path) -> None:
        body = 'name,note\n"A","two\nlines"\nÇ,x\n'.encode() + "Ç,x\n".encode("latin-1")

        assert faults(tmp_path, body) == [(4, "name", "not_utf8")]

    def test_goes_on_after_a_cell_it_cannot_read(self, tmp_path: Path) -> None:
        body = b"name,women\n\xc7,1\nb\x07,2\nA,1,2\n" + b"x" * 100_001 + b",1\nB,3\n"

        assert faults(tmp_path, body) == [
            (2, "name", "not_utf8"),
            (3, "name", "control_character"),
            (4, "C", "too_many_cells"),
            (5, "name", "too_long"),
        ]
        assert read(tmp_path, body)[-1] == (6, {"name": "B", "women": "3"})

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (b"", (1, "", "empty_file")),
            (b"name,wmen\nA,1\n", (1, "B", "unknown_column")),
            (b"name,name\nA,1\n", (1, "B", "duplicate_column")),
            (b"women\n1\n", (1, "name", "missing_column")),
            (b'name\nA\n"x\n', (3, "", "malformed_row")),
            ("name\nA\nÇ\n".encode("utf-16"), (1, "A", "not_utf8")),
        ],
    )
    def test_names_the_row_it_cannot_read(
        self, tmp_path: Path, body: bytes, expected: tuple[int, str, str]
    ) -> None:
        assert refuse(tmp_path, body) == expected


class TestNdjson:
    def test_reads_one_object_a_line(self, tmp_path: Path) -> None:
        body = b'{"name": "A", "women": 12}\n\n{"name": "B", "women": null, "note": ""}'

        assert read(tmp_path, body, Media.NDJSON) == [
            (1, {"name": "A", "women": 12}),
            (3, {"name": "B", "women": None, "note": None}),
        ]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (b'{"name": "A", "name": "B"}', "duplicate_key"),
            (b'{"name": NaN}', "not_a_number"),
            (b"{", "malformed_json"),
            (b"[1]", "malformed_row"),
            ('{"name": "Ç"}'.encode("latin-1"), "not_utf8"),
        ],
    )
    def test_names_the_line_it_cannot_read(self, tmp_path: Path, line: bytes, code: str) -> None:
        body = b'{"name": "A"}\n' + line + b'\n{"name": "B"}'

        assert faults(tmp_path, body, Media.NDJSON) == [(2, "", code)]
        assert read(tmp_path, body, Media.NDJSON)[-1] == (3, {"name": "B"})


class TestXlsx:
    def workbook(self, tmp_path: Path, rows: list[list[Any]]) -> bytes:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        return path.read_bytes()

    def test_reads_the_first_sheet(self, tmp_path: Path) -> None:
        body = self.workbook(tmp_path, [["name", "women"], ["Pejë", 12], ["B", None], ["C", 1.5]])

        assert read(tmp_path, body, Media.XLSX) == [
            (2, {"name": "Pejë", "women": 12}),
            (3, {"name": "B", "women": None}),
            (4, {"name": "C", "women": 1.5}),
        ]

    def test_reads_days_as_days(self, tmp_path: Path) -> None:
        body = self.workbook(tmp_path, [["name", "note"], ["A", date(2020, 1, 31)]])

        assert read(tmp_path, body, Media.XLSX)[0][1]["note"] == date(2020, 1, 31)

    def test_numbers_rows_as_the_sheet_does(self, tmp_path: Path) -> None:
        body = self.workbook(tmp_path, [[], ["name"], [], ["A"]])

        assert read(tmp_path, body, Media.XLSX) == [(4, {"name": "A"})]

    @pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"name\nA\n"])
    def test_refuses_what_is_no_workbook(self, tmp_path: Path, body: bytes) -> None:
        assert refuse(tmp_path, body, Media.XLSX) == (1, "", "malformed_workbook")


class TestRoundTrip:
    @pytest.mark.parametrize("media", list(Media))
    def test_brings_back_what_was_written(self, tmp_path: Path, media: Media) -> None:
        rows: list[dict[str, Any]] = [
            {"name": "=1+1", "women": 12, "note": 'two\nlines, "quoted" ; \'x'},
            {"name": "Gračanica Đ", "women": 0, "note": None},
            {"name": "+383 38 200 300", "women": None, "note": "-5 %"},
        ]
        path = tmp_path / "out"
        writer = RowWriter(path, media, ("name", "women", "note"))
        writer.write(rows)
        writer.close()

        found = [row for _, row in read(tmp_path, path.read_bytes(), media)]
        if media is Media.CSV:
            found = [row | {"women": row["women"] and int(row["women"])} for row in found]
        assert found == rows
        assert writer.rows == 3

    def test_marks_csv_as_utf8_for_spreadsheets(self, tmp_path: Path) -> None:
        writer = RowWriter(tmp_path / "out", Media.CSV, ("name",))
        writer.close()

        assert (tmp_path / "out").read_bytes() == b"\xef\xbb\xbfname\r\n"


class TestLetter:
    @pytest.mark.parametrize(("position", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
    def test_counts_as_a_spreadsheet_does(self, position: int, name: str) -> None:
        assert letter(position) == name
