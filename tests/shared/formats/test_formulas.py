"""What a spreadsheet would run goes out harmless and comes back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_shared.formats.formulas import neutralised, restored


class TestNeutralised:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@import", "\t=1", "\r=1", "'=1"]
    )
    def test_puts_an_apostrophe_before_what_would_run(self, text: str) -> None:
        assert neutralised(text) == f"'{text}"

    @pytest.mark.parametrize(
        "text",
        ["-5", "+383 38 200 300", "-12.5", "+383-44-123-456", "(038) 1", "'quoted'", "", "a=b"],
    )
    def test_leaves_numbers_telephones_and_plain_text_alone(self, text: str) -> None:
        assert neutralised(text) == text

    @given(st.text(st.sampled_from("'=+-@\t\r1 a")))
    def test_is_undone_exactly(self, text: str) -> None:
        assert restored(neutralised(text)) == text

    @given(st.text())
    def test_never_starts_as_a_formula_unless_it_is_a_number(self, text: str) -> None:
        out = neutralised(text)

        assert out[:1] not in "=@\t\r" or out == ""
        assert out[:1] not in {"+", "-"} or any(one.isdigit() for one in out)
