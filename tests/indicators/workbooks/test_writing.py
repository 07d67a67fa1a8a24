"""The workbooks we make: the same bytes for the same question, and only inputs are open."""

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from komuna_indicators.workbooks.judging import Said
from komuna_indicators.workbooks.rules import ATTEST, MANIFEST_SHEET
from komuna_indicators.workbooks.values import LARGEST
from komuna_indicators.workbooks.writing import write_form

from .books import OPTIONAL, POSTS, REASONS, changed, judged, put, row_of, template

LANGUAGES = ("sq", "sr-Latn", "sr-Cyrl", "en")
# What people may type into a cell and a spreadsheet stores.
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=60
).map(str.strip)
_VALUE = st.integers(0, LARGEST)
_CELL = st.tuples(
    st.one_of(
        st.tuples(_VALUE | _VALUE.map(" {} ".format), st.none()),
        st.tuples(st.none(), st.sampled_from(sorted(REASONS))),
    ),
    _TEXT,
)


class TestWriteForm:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_makes_the_same_bytes_each_time(self, language: str) -> None:
        assert write_form(template(language)) == write_form(template(language))

    def test_differs_by_language_municipality_and_period(self) -> None:
        made = {write_form(template(language)) for language in LANGUAGES}
        made |= {write_form(template(municipality="peje")), write_form(template(period="2027-S1"))}

        assert len(made) == 6

    def test_opens_the_inputs_and_nothing_else(self) -> None:
        book = openpyxl.load_workbook(io.BytesIO(write_form(template())))
        sheet = book.worksheets[0]

        assert sheet.protection.sheet
        assert book[MANIFEST_SHEET].sheet_state == "veryHidden"
        top = row_of(sheet, POSTS[0])
        for code in (*POSTS, OPTIONAL, ATTEST):
            row = row_of(sheet, code)
            open_ = [cell.column_letter for cell in sheet[row] if not cell.protection.locked]
            assert open_ == ["C", "D", "E"], code
        for row in sheet.iter_rows(max_row=top - 1):
            assert all(cell.protection.locked for cell in row)

    def test_says_it_in_the_language(self) -> None:
        for language, name in (("sq", "Pse nuk ka shifër"), ("sr-Latn", "Zašto nema cifre")):
            sheet = openpyxl.load_workbook(io.BytesIO(write_form(template(language)))).worksheets[0]
            assert name in {cell.value for row in sheet.iter_rows() for cell in row}

    def test_refuses_in_the_spreadsheet_what_would_be_refused_here(self) -> None:
        sheet = openpyxl.load_workbook(io.BytesIO(write_form(template()))).worksheets[0]
        rules = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
        row = row_of(sheet, POSTS[0])

        number = rules[f"C{row}"]
        assert (number.type, number.formula1, number.formula2) == ("whole", "0", str(LARGEST))
        assert rules[f"D{row}:D{row + 4}"].formula1 == "_komuna!$D$1:$D$3"
        assert rules[f"C{row + 5}"].formula1 == "_komuna!$D$4:$D$4"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.tuples(*[_CELL for _ in POSTS]), language=st.sampled_from(LANGUAGES))
def test_whatever_is_right_comes_back_as_it_was_written(
    tmp_path: Path,
    cells: tuple[tuple[tuple[int | str | None, str | None], str], ...],
    language: str,
) -> None:
    """Written by openpyxl, another program than the one that made it; there is no LibreOffice."""
    wanted = template(language)
    labels = {one.code: one.label for one in wanted.choices}
    told = dict(zip(POSTS, cells, strict=True))

    def write(sheet: Worksheet) -> None:
        for code, ((value, reason), comment) in told.items():
            put(sheet, code, value=value, reason=reason and labels[reason], comment=comment)
            # openpyxl would make a formula of a text that begins like one.
            sheet.cell(row_of(sheet, code), 5).data_type = "s"

    found, wrong = judged(tmp_path, changed(write_form(wanted), write), wanted)

    assert wrong == {}
    assert found.said == tuple(
        Said(code, None if value is None else Decimal(value), reason, comment or None)
        for code, ((value, reason), comment) in told.items()
    )
