"""What a person typed into one cell."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.workbooks.rules import Choice
from komuna_indicators.workbooks.values import (
    LARGEST,
    LONGEST_COMMENT,
    read_choice,
    read_comment,
    read_number,
    shown,
)

NOT_YET = Choice(
    "not_received", "Not received yet", frozenset({"Not received yet", "Ende e papranuar"})
)


class TestReadNumber:
    @pytest.mark.parametrize(
        ("cell", "number"),
        [
            (0, 0),
            (0.0, 0),
            (12.0, 12),
            ("12", 12),
            ("12 ", 12),
            ("\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}", 12),
            ("+7", 7),
            ("007", 7),
            ("3.0", 3),
            (LARGEST, LARGEST),
        ],
    )
    def test_reads_what_was_meant(self, cell: Any, number: int) -> None:
        assert read_number(cell) == (Decimal(number), "")

    @pytest.mark.parametrize("cell", [None, "", " ", "\N{NO-BREAK SPACE}"])
    def test_takes_nothing_for_no_number_and_never_for_zero(self, cell: Any) -> None:
        assert read_number(cell) == (None, "")

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("12,5", "decimal_comma"),
            ("1.200,5", "decimal_comma"),
            (1.5, "not_whole"),
            ("1.5", "not_whole"),
            (-1, "negative"),
            ("-1", "negative"),
            ("\N{MINUS SIGN}1", "negative"),
            (LARGEST + 1, "number_too_large"),
            ("999999999999999", "number_too_large"),
            (1e300, "number_too_large"),
            (float("inf"), "not_a_number"),
            (True, "not_a_number"),
            ({"date": "2026-01-01"}, "not_a_number"),
            ("1 2", "not_a_number"),
            ("twelve", "not_a_number"),
            ("-", "not_a_number"),
            ("0x10", "not_a_number"),
            ("\N{ARABIC-INDIC DIGIT ONE}", "not_a_number"),
            ("=1+1", "not_a_number"),
            ("1e3", "not_a_number"),
        ],
    )
    def test_refuses_what_it_would_have_to_guess(self, cell: Any, code: str) -> None:
        assert read_number(cell) == (None, code)

    def test_reads_decimals_where_the_form_has_them(self) -> None:
        assert read_number(0.1, 2) == (Decimal("0.1"), "")
        assert read_number("0.1", 2) == (Decimal("0.1"), "")

    @given(st.integers(0, LARGEST), st.sampled_from(["{}", " {} ", "\t{}", "{}\N{NO-BREAK SPACE}"]))
    def test_reads_every_count_as_itself(self, number: int, form: str) -> None:
        assert read_number(float(number)).value == number
        assert read_number(form.format(number)).value == number

    @given(st.text(max_size=30) | st.floats() | st.integers() | st.booleans())
    def test_never_fails_and_never_gives_a_fraction(self, cell: Any) -> None:
        found = read_number(cell)

        assert found.value is None or (found.value == int(found.value) and not found.code)


class TestReadChoice:
    @pytest.mark.parametrize(
        "cell", ["Not received yet", "  not  received YET ", "Ende e papranuar", "not_received"]
    )
    def test_reads_a_reason_in_any_language(self, cell: str) -> None:
        assert read_choice(cell, (NOT_YET,)) == ("not_received", "")

    def test_refuses_what_is_not_in_the_list(self) -> None:
        assert read_choice("because", (NOT_YET,)) == (None, "unknown_reason")


class TestReadComment:
    def test_refuses_what_cannot_be_stored(self) -> None:
        assert read_comment("a\x00b").code == "control_character"
        assert read_comment("x" * (LONGEST_COMMENT + 1)).code == "comment_too_long"
        assert read_comment(12.0).value == "12"


@given(st.text())
def test_shown_is_short_and_fits_into_xml(text: str) -> None:
    assert len(shown(text)) <= 1_000
    assert not set(shown(text)) & set(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFF]))
