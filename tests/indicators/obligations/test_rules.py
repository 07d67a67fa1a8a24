"""The periods of an obligation, and the days its reports are due."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators import periods
from komuna_indicators.obligations.rules import (
    FREQUENCIES,
    Obligation,
    PeriodNotDueError,
    PeriodNotOverError,
    check_period,
    due_on,
    ended_periods,
)

FIRST = {"M": "2026-01", "Q": "2026-Q1", "S": "2026-S1", "A": "2026"}
frequencies = st.sampled_from(sorted(FREQUENCIES.values()))
days = st.dates(date(2025, 1, 1), date(2031, 12, 31))


def obligation(frequency: str = "S", due_days: int = 15) -> Obligation:
    first = periods.parse(FIRST[frequency])
    return Obligation("one", "1.0.0", {}, "form", frequency, first, due_days, is_synthetic=True)


class TestEndedPeriods:
    @given(frequencies, days)
    def test_follow_each_other_without_a_gap_up_to_today(self, frequency: str, today: date) -> None:
        found = list(ended_periods(obligation(frequency), today))

        for before, after in pairwise(found):
            assert before.end == after.start
        assert all(one.frequency == frequency and one.end <= today for one in found)
        if found:
            assert periods.following(found[-1]).end > today
        else:
            assert periods.parse(FIRST[frequency]).end > today

    @given(frequencies, days)
    def test_are_those_that_may_be_reported(self, frequency: str, today: date) -> None:
        for period in ended_periods(obligation(frequency), today):
            check_period(obligation(frequency), period, today)


class TestDueOn:
    def test_counts_from_the_last_day_of_the_period(self) -> None:
        assert due_on(obligation(), periods.parse("2026-S1")) == date(2026, 7, 15)

    @given(frequencies, days, st.integers(1, 366))
    def test_is_after_the_period(self, frequency: str, today: date, due_days: int) -> None:
        for period in ended_periods(obligation(frequency, due_days), today):
            late = due_on(obligation(frequency, due_days), period)
            assert late == period.end - timedelta(days=1) + timedelta(days=due_days)


class TestCheckPeriod:
    @pytest.mark.parametrize("text", ["2025-S2", "2026-Q1", "2026", "2026-01-01/P6M1D"])
    def test_knows_only_its_own_periods(self, text: str) -> None:
        with pytest.raises(PeriodNotDueError):
            check_period(obligation(), periods.parse(text), date(2030, 1, 1))

    @pytest.mark.parametrize(("day", "is_over"), [(30, False), (31, True)])
    def test_wants_the_period_to_be_over(self, day: int, *, is_over: bool) -> None:
        today = date(2026, 5, 31) + timedelta(days=day)
        if is_over:
            check_period(obligation(), periods.parse("2026-S1"), today)
            return
        with pytest.raises(PeriodNotOverError):
            check_period(obligation(), periods.parse("2026-S1"), today)
