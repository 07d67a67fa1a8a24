"""Where a report is, and the rates of all of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.reports.rules import Arrival, ReportState, rates, state_of
from komuna_indicators.submissions.rules import State

DUE = date(2026, 7, 15)
days = st.integers(-60, 60).map(lambda days: DUE + timedelta(days=days))
arrivals = st.none() | st.builds(Arrival, days, st.sampled_from(State), st.integers(1, 5))


class TestStateOf:
    @pytest.mark.parametrize(
        ("days", "state"), [(-30, ReportState.DUE), (0, ReportState.DUE), (1, ReportState.OVERDUE)]
    )
    def test_is_awaited_to_the_end_of_the_last_day(self, days: int, state: ReportState) -> None:
        assert state_of(None, DUE, DUE + timedelta(days=days)) is state

    @pytest.mark.parametrize("state", [State.SUBMITTED, State.RETURNED])
    def test_is_received_until_somebody_verified_it(self, state: State) -> None:
        arrival = Arrival(DUE, state, 1)

        assert state_of(arrival, DUE, DUE + timedelta(days=90)) is ReportState.RECEIVED

    @given(days, st.sampled_from([State.VERIFIED, State.PUBLISHED]), days)
    def test_is_in_time_or_late_by_the_day_it_first_came(
        self, first_on: date, state: State, today: date
    ) -> None:
        found = state_of(Arrival(first_on, state, 2), DUE, today)

        assert found is (ReportState.LATE if first_on > DUE else ReportState.ON_TIME)


class TestRates:
    @given(st.lists(arrivals))
    def test_counts_every_reporter_once(self, listed: list[Arrival | None]) -> None:
        made = rates(listed, DUE)

        assert made.expected == len(listed)
        assert made.received == len(listed) - listed.count(None)
        assert made.in_time <= made.received
        assert made.verified <= made.received

    @given(st.lists(arrivals, min_size=1))
    def test_lies_between_nothing_and_all(self, listed: list[Arrival | None]) -> None:
        made = rates(listed, DUE)

        assert made.completeness is not None
        assert made.timeliness is not None
        assert 0 <= made.timeliness <= made.completeness <= Decimal(100)

    def test_is_unknown_where_nobody_must_report(self) -> None:
        made = rates([], DUE)

        assert (made.completeness, made.timeliness) == (None, None)
