"""When whoever owes a report is reminded of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.reminders.rules import Step, is_worth_sending, step_on

DUE = date(2026, 7, 15)


class TestStepOn:
    @pytest.mark.parametrize(
        ("today", "step"),
        [
            (date(2026, 7, 11), None),
            (date(2026, 7, 12), Step.DUE_SOON),
            (date(2026, 7, 15), Step.DUE_SOON),
            (date(2026, 7, 16), Step.OVERDUE),
            (date(2026, 7, 28), Step.OVERDUE),
            (date(2026, 7, 29), Step.OVERDUE_AGAIN),
            (date(2027, 7, 16), Step.OVERDUE_AGAIN),
            (date(2027, 7, 17), None),
        ],
    )
    def test_is_the_latest_that_is_due(self, today: date, step: Step | None) -> None:
        assert step_on(DUE, today) is step

    @given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(-30, 800))
    def test_only_ever_moves_on(self, due_on: date, days: int) -> None:
        order = [None, *Step]
        before, after = (step_on(due_on, due_on + timedelta(days + more)) for more in (0, 1))

        assert after is None or order.index(before) <= order.index(after)


class TestIsWorthSending:
    def test_says_nothing_that_is_no_longer_true(self) -> None:
        later = DUE + timedelta(1)

        assert is_worth_sending(Step.OVERDUE, DUE, later, is_missing=True)
        assert not is_worth_sending(Step.OVERDUE, DUE, later, is_missing=False)
        assert is_worth_sending(Step.DUE_SOON, DUE, DUE, is_missing=True)
        assert not is_worth_sending(Step.DUE_SOON, DUE, later, is_missing=True)
