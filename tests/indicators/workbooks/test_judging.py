"""What officers do to workbooks: each is understood, or refused with the cell named."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from komuna_indicators.workbooks.judging import Said
from komuna_indicators.workbooks.rules import ATTEST, MANIFEST_SHEET
from komuna_indicators.workbooks.writing import write_form

from .books import POSTS, after, changed, fill, judged, put, replaced, row_of, template

TOP = row_of(openpyxl.load_workbook(io.BytesIO(write_form(template()))).worksheets[0], "mayor.F")


class TestJudge:
    def test_understands_a_filled_workbook(self, tmp_path: Path) -> None:
        found, wrong = after(
            tmp_path,
            lambda sheet: put(sheet, "mayor.M", value="12 ", comment=" = new "),
            lambda sheet: put(sheet, "director.M", value=None, reason="Not received yet"),
            lambda sheet: put(sheet, ATTEST, value="Yes"),
        )

        assert wrong == {}
        assert found.attests_no_cases
        assert found.said == (
            Said("mayor.F", Decimal(0), None, None),
            Said("mayor.M", Decimal(12), None, "= new"),
            Said("director.F", Decimal(2), None, None),
            Said("director.M", None, "not_received", None),
        )

    @pytest.mark.parametrize(
        ("told", "column", "code"),
        [
            ({"value": "12,5"}, "C", "decimal_comma"),
            ({"value": "many"}, "C", "not_a_number"),
            ({"value": -3}, "C", "negative"),
            ({"value": 2.5}, "C", "not_whole"),
            ({"value": True}, "C", "not_a_number"),
            ({"value": date(2026, 1, 1)}, "C", "not_a_number"),
            ({"value": "=C1+1"}, "C", "uncalculated_formula"),
            ({"value": "=cmd|'/c calc'!A0"}, "C", "uncalculated_formula"),
            ({"value": "#REF!"}, "C", "error_value"),
            ({"reason": "=1"}, "D", "uncalculated_formula"),
            ({"reason": "Not received yet"}, "D", "value_and_reason"),
            ({"reason": "because"}, "D", "unknown_reason"),
            ({"value": None}, "C", "neither_value_nor_reason"),
            ({"comment": "x" * 1001}, "E", "comment_too_long"),
        ],
    )
    def test_names_the_cell_that_is_wrong(
        self, tmp_path: Path, told: dict[str, Any], column: str, code: str
    ) -> None:
        _, wrong = after(tmp_path, lambda sheet: put(sheet, "director.F", **told))

        assert wrong == {f"{column}{TOP + 2}": code}

    def test_refuses_a_formula_though_it_was_calculated(self, tmp_path: Path) -> None:
        # As Excel saves it: the formula with the number it gave.
        made = changed(write_form(template()), fill, lambda s: put(s, "mayor.F", value="=5+2"))
        made = replaced(made, b"<f>5+2</f><v />", b"<f>5+2</f><v>7</v>")

        found, wrong = judged(tmp_path, made)

        assert wrong == {f"C{TOP}": "formula"}
        assert found.given["mayor.F"].value == "7"

    def test_tells_everything_at_once(self, tmp_path: Path) -> None:
        _, wrong = after(
            tmp_path,
            lambda sheet: put(sheet, "mayor.F", value="x", comment="y" * 1001),
            lambda sheet: put(sheet, "director.M", value="-1"),
        )

        assert wrong == {
            f"C{TOP}": "not_a_number",
            f"E{TOP}": "comment_too_long",
            f"C{TOP + 3}": "negative",
        }

    def test_leaves_an_empty_optional_line_out(self, tmp_path: Path) -> None:
        found, _ = after(tmp_path)

        assert [one.cell for one in found.said] == list(POSTS)


class TestFindTable:
    def test_finds_lines_below_inserted_empty_rows(self, tmp_path: Path) -> None:
        found, wrong = after(
            tmp_path, lambda s: s.insert_rows(TOP + 1, 2), lambda s: s.insert_rows(1)
        )

        assert wrong == {}
        assert [one.value for one in found.said] == [0, 1, 2, 3]

    def test_refuses_an_inserted_row_with_a_figure(self, tmp_path: Path) -> None:
        def insert(sheet: Worksheet) -> None:
            sheet.insert_rows(TOP + 1)
            sheet.cell(TOP + 1, 3).value = 4

        _, wrong = after(tmp_path, insert)

        assert wrong == {f"C{TOP + 1}": "inserted_row"}

    def test_follows_columns_that_moved_as_a_whole(self, tmp_path: Path) -> None:
        found, wrong = after(tmp_path, lambda sheet: sheet.insert_cols(3))

        assert wrong == {}
        assert [one.value for one in found.said] == [0, 1, 2, 3]

    def test_names_a_column_that_is_gone(self, tmp_path: Path) -> None:
        _, wrong = after(tmp_path, lambda sheet: sheet.delete_cols(3))

        # Without the mark of the numbers there is no table at all.
        assert wrong == {"A1": "missing_table"}
        _, wrong = after(tmp_path, lambda sheet: sheet.delete_cols(4))
        assert wrong == {f"D{TOP - 2}": "missing_column"}

    def test_names_a_line_that_is_gone_or_twice(self, tmp_path: Path) -> None:
        found, _ = after(tmp_path, lambda sheet: sheet.delete_rows(TOP + 1))
        assert [(one.code, one.cell) for one in found.problems] == [("missing_line", "mayor.M")]

        def twice(sheet: Worksheet) -> None:
            sheet.cell(TOP + 8, 1).value = "mayor.M"

        _, wrong = after(tmp_path, twice)
        assert wrong == {f"A{TOP + 8}": "duplicate_line"}

    def test_refuses_figures_whose_meaning_moved(self, tmp_path: Path) -> None:
        def swap(sheet: Worksheet) -> None:
            one, two = sheet.cell(TOP, 2), sheet.cell(TOP + 1, 2)
            one.value, two.value = two.value, one.value

        _, wrong = after(tmp_path, swap)

        assert wrong == {f"B{TOP}": "changed_label", f"B{TOP + 1}": "changed_label"}

    def test_follows_lines_that_were_sorted_with_their_codes(self, tmp_path: Path) -> None:
        def turn(sheet: Worksheet) -> None:
            for column in range(1, 6):
                one, two = sheet.cell(TOP, column), sheet.cell(TOP + 1, column)
                one.value, two.value = two.value, one.value

        found, wrong = after(tmp_path, turn)

        assert wrong == {}
        assert [one.value for one in found.said] == [0, 1, 2, 3]

    def test_refuses_merged_cells(self, tmp_path: Path) -> None:
        where = f"C{TOP}:C{TOP + 1}"

        _, wrong = after(tmp_path, lambda sheet: sheet.merge_cells(where))

        assert wrong[f"C{TOP}"] == "merged_cells"

    def test_does_not_mind_merged_cells_elsewhere(self, tmp_path: Path) -> None:
        _, wrong = after(
            tmp_path, lambda s: s.merge_cells("A1:C1"), lambda s: s.merge_cells("J9:K12")
        )

        assert wrong == {}


class TestManifest:
    @pytest.mark.parametrize(
        "told",
        [
            {"form": "another"},
            {"version": "2.0.0"},
            {"obligation": "another"},
            {"municipality": "peje"},
            {"period": "2026-S2"},
        ],
    )
    def test_is_held_against_what_is_reported(self, tmp_path: Path, told: dict[str, str]) -> None:
        made = changed(write_form(template(**told)), fill)

        found, _ = judged(tmp_path, made)

        assert [one.code for one in found.problems] == [f"other_{next(iter(told))}"]
        assert found.said == ()
        assert found.given["mayor.M"].value == "1"

    def test_may_not_be_missing(self, tmp_path: Path) -> None:
        def remove(sheet: Worksheet) -> None:
            del sheet.parent[MANIFEST_SHEET]

        found, _ = after(tmp_path, remove)

        assert [one.code for one in found.problems] == ["missing_manifest"]

    @pytest.mark.parametrize("name", ["hash", "language"])
    def test_may_not_be_changed(self, tmp_path: Path, name: str) -> None:
        def change(sheet: Worksheet) -> None:
            manifest = sheet.parent[MANIFEST_SHEET]
            [cell] = [row[1] for row in manifest.iter_rows() if row[0].value == name]
            cell.value = "sq"

        found, _ = after(tmp_path, change)

        assert [one.code for one in found.problems] == ["broken_manifest"]

    @pytest.mark.parametrize("language", ["sq", "sr-Latn", "sr-Cyrl", "en"])
    def test_may_be_in_another_language(self, tmp_path: Path, language: str) -> None:
        made = changed(
            write_form(template(language)),
            fill,
            lambda s: put(s, "mayor.M", value=None, reason=template(language).choices[0].label),
            lambda s: put(s, ATTEST, value=template(language).yes.label),
        )

        found, wrong = judged(tmp_path, made)

        assert wrong == {}
        assert found.said[1].reason == template().choices[0].code
        assert found.attests_no_cases

    def test_is_no_sheet_of_the_form(self, tmp_path: Path) -> None:
        def remove(sheet: Worksheet) -> None:
            sheet.parent[MANIFEST_SHEET].sheet_state = "visible"
            sheet.parent.remove(sheet)

        made = changed(write_form(template()), remove)

        found, _ = judged(tmp_path, made)

        assert [one.code for one in found.problems] == ["missing_sheet"]

    def test_lets_the_sheet_be_renamed(self, tmp_path: Path) -> None:
        def rename(sheet: Worksheet) -> None:
            sheet.title = "Mine"

        _, wrong = after(tmp_path, rename)

        assert wrong == {}
