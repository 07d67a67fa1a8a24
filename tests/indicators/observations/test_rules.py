"""Which figures may stand with which status, and which parts are greater than their totals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.observations import rules
from komuna_indicators.observations.rules import MISSING, Reason, Status
from komuna_indicators.observations.totals import Figure, rows_over_total

REASONS = st.none() | st.sampled_from(Reason)


class TestAgrees:
    @given(data=st.tuples(st.booleans(), st.sampled_from(Status), REASONS))
    def test_a_figure_is_there_or_says_why_not(
        self, data: tuple[bool, Status, Reason | None]
    ) -> None:
        has_value, status, reason = data
        if rules.agrees(has_value=has_value, status=status, reason=reason):
            assert has_value is (reason is None)
            assert has_value is (status not in MISSING)

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (Status.NOT_RECEIVED, Reason.BLANK_IN_SOURCE),
            (Status.NOT_COLLECTED, Reason.NOT_IN_SOURCE),
        ],
    )
    def test_knows_a_blank_and_a_silence(self, status: Status, reason: Reason) -> None:
        assert rules.agrees(has_value=False, status=status, reason=reason)

    def test_a_missing_figure_is_never_normal(self) -> None:
        assert not rules.agrees(has_value=False, status=Status.NORMAL, reason=None)


def figure(codes: str, value: int, row: int | None = None) -> Figure:
    return Figure(("directors", 2020), tuple(codes.split(".")), Decimal(value), row)


class TestRowsOverTotal:
    def test_names_the_new_part(self) -> None:
        assert list(rows_over_total([figure("_T._T", 10), figure("F._T", 12, row=3)])) == [3]

    def test_names_the_new_total_under_a_stored_part(self) -> None:
        assert list(rows_over_total([figure("_T._T", 10, row=4), figure("F._T", 12)])) == [4]

    def test_says_nothing_of_what_is_stored_already(self) -> None:
        assert list(rows_over_total([figure("_T._T", 10), figure("F._T", 12)])) == []

    def test_compares_each_dimension_by_itself(self) -> None:
        told = [figure("_T.XK", 5), figure("F._T", 9, row=2), figure("F.XK", 6, row=3)]

        assert list(rows_over_total(told)) == [3]

    def test_lets_a_part_be_the_whole(self) -> None:
        assert list(rows_over_total([figure("_T", 1, row=1), figure("F", 1, row=2)])) == []
