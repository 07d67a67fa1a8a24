"""Workbooks made to do harm: refused by a process that may die of them."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from komuna_indicators.workbooks.sheets import Sheet, read_sheets
from komuna_indicators.workbooks.writing import write_form
from komuna_shared.formats.workbook import WorkbookError

from .books import changed, fill, put, replaced, template, with_part


def refuse(path: Path) -> str:
    with pytest.raises(WorkbookError) as refused:
        read_sheets(path)
    return refused.value.code


def saved(folder: Path, made: bytes) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(made)
    return path


class TestReadSheets:
    def test_tells_values_formulas_errors_and_merged_cells(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("One")
            sheet.write_row("B2", [1, "12 ", True, " "])
            sheet.write_datetime("B3", date(2026, 1, 1), book.add_format({"num_format": "d/m/y"}))
            sheet.write_formula("C3", "=1/0", value="#DIV/0!")
            sheet.merge_range("A5:B6", "x")
            book.add_worksheet("Two")

        found = read_sheets(path)

        assert list(found) == ["One", "Two"]
        one = found["One"]
        assert one.rows[1] == (None, 1.0, "12", True, None)
        assert one.at(2, 1) == {"date": "2026-01-01"}
        assert one.formulas == {(2, 2)}
        assert one.merged == (((4, 0), (5, 1)),)
        assert found["Two"] == Sheet("Two", ())

    def test_finds_the_followers_of_a_shared_formula(self, tmp_path: Path) -> None:
        made = changed(write_form(template()), fill, lambda s: put(s, "mayor.F", value="=5+2"))
        shared = b'<f t="shared" ref="C12:C13" si="0">5+2</f><v>7</v>'
        path = saved(tmp_path, replaced(made, b"<f>5+2</f><v />", shared))
        [form, _] = read_sheets(path).values()
        [(row, column)] = form.formulas
        follower = f'<c r="C{row + 2}" s="5" t="n"><v>1</v></c>'.encode()
        body = replaced(
            path.read_bytes(), follower, follower.replace(b"<v>", b'<f t="shared" si="0"/><v>')
        )

        [form, _] = read_sheets(saved(tmp_path, body)).values()

        assert form.formulas == {(row, column), (row + 1, column)}

    @pytest.mark.parametrize(
        "part",
        [
            "xl/externalLinks/externalLink1.xml",
            "xl/vbaProject.bin",
            "xl/connections.xml",
            "xl/embeddings/oleObject1.bin",
            "XL/ExternalLinks/externalLink1.xml",
        ],
    )
    def test_refuses_what_reaches_for_more_than_itself(self, tmp_path: Path, part: str) -> None:
        made = with_part(write_form(template()), part, b"<x/>")

        assert refuse(saved(tmp_path, made)) == "active_content"

    def test_refuses_cells_far_apart(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "x")
            sheet.write(1_048_575, 16_383, "x")

        assert refuse(path) == "too_large"

    def test_refuses_more_rows_and_sheets_than_any_form_has(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write(6_000, 0, "x")
        assert refuse(path) == "too_large"

        with xlsxwriter.Workbook(path) as book:
            for _ in range(21):
                book.add_worksheet()
        assert refuse(path) == "too_large"

    def test_refuses_a_bomb(self, tmp_path: Path) -> None:
        # 65 MB of blanks in 64 kB.
        made = with_part(write_form(template()), "xl/media/blank", b" " * (65 * 1024 * 1024))

        assert len(made) < 100_000
        assert refuse(saved(tmp_path, made)) == "too_large"

    def test_refuses_entities_that_grow(self, tmp_path: Path) -> None:
        laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "ha">{laughs}]><w>&a11;</w>'
        path = tmp_path / "book.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", bomb)
            archive.writestr("[Content_Types].xml", bomb)

        assert refuse(path) in {"malformed_workbook", "too_large"}

    @pytest.mark.parametrize("body", [b"", b"code,value\n", b"PK\x03\x04 and no more"])
    def test_refuses_what_is_no_workbook(self, tmp_path: Path, body: bytes) -> None:
        assert refuse(saved(tmp_path, body)) == "malformed_workbook"

    def test_refuses_an_archive_of_something_else(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")

        assert refuse(path) == "malformed_workbook"
