"""Periods: every code stands for one half-open range, every range has one code."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from komuna_indicators import periods
from komuna_indicators.periods import UNSTATED, Period, PeriodError

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
CALENDAR = st.one_of(
    st.integers(1900, 2100).map(str),
    st.builds("{}-S{}".format, st.integers(1900, 2100), st.integers(1, 2)),
    st.builds("{}-T{}".format, st.integers(1900, 2100), st.integers(1, 3)),
    st.builds("{}-Q{}".format, st.integers(1900, 2100), st.integers(1, 4)),
    st.builds("{}-{:02}".format, st.integers(1900, 2100), st.integers(1, 12)),
    DAYS.map(lambda day: "{}-W{:02}".format(*day.isocalendar()[:2])),
    DAYS.map(date.isoformat),
)


@st.composite
def ranges(draw: st.DrawFn) -> Period:
    start = draw(DAYS)
    return Period(start, start + timedelta(days=draw(st.integers(1, 4000))))


class TestParse:
    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("2020", date(2020, 1, 1), date(2021, 1, 1)),
            ("2020-S1", date(2020, 1, 1), date(2020, 7, 1)),
            ("2011-S2", date(2011, 7, 1), date(2012, 1, 1)),
            ("2020-Q4", date(2020, 10, 1), date(2021, 1, 1)),
            ("2020-02", date(2020, 2, 1), date(2020, 3, 1)),
            ("2020-12", date(2020, 12, 1), date(2021, 1, 1)),
            ("2020-W53", date(2020, 12, 28), date(2021, 1, 4)),
            ("2019-11-19", date(2019, 11, 19), date(2019, 11, 20)),
            ("2020-01-01/P9M", date(2020, 1, 1), date(2020, 10, 1)),
            ("2011-04-01/P45D", date(2011, 4, 1), date(2011, 5, 16)),
            ("1999-07-01/P25Y6M", date(1999, 7, 1), date(2025, 1, 1)),
        ],
    )
    def test_reads_a_code_as_a_half_open_range(self, text: str, start: date, end: date) -> None:
        assert periods.parse(text) == Period(start, end)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "20",
            "0000",
            "2020Q3",
            "2020-S3",
            "2020-Q0",
            "2020-13",
            "2020-W54",
            "2020-02-30",
            "2020-01-01/",
            "2020-01-01/P",
            "2020-01-01/P0M",
            "2020-01-31/P1M",
            "2020-01-01/P99999M",
            "2020-01-01/2020-12-31",
            "9999-12-31",
            " 2020",
            "٢٠٢٠-13",
        ],
    )
    def test_refuses_what_is_no_period(self, text: str) -> None:
        with pytest.raises(PeriodError):
            periods.parse(text)

    @given(st.text(max_size=30))
    def test_never_fails_in_another_way(self, text: str) -> None:
        try:
            found = periods.parse(text)
        except PeriodError:
            return
        assert found.start < found.end


class TestCode:
    @given(CALENDAR)
    def test_gives_back_what_was_read(self, text: str) -> None:
        assert periods.code(periods.parse(text)) == text

    @given(ranges())
    def test_stands_for_exactly_the_range_it_was_made_of(self, period: Period) -> None:
        text = periods.code(period)

        assert text is not None
        assert periods.parse(text) == period

    def test_is_nothing_where_no_period_is_stated(self) -> None:
        assert periods.code(UNSTATED) is None


class TestFreeIntervals:
    @given(ranges())
    def test_have_no_frequency_and_are_written_out(self, period: Period) -> None:
        assume(period.frequency is None)

        assert "/P" in (periods.code(period) or "")

    @given(ranges(), st.integers(1900, 2100))
    def test_are_never_equal_to_a_year(self, period: Period, year: int) -> None:
        assume(period.frequency != "A")

        assert period != periods.parse(str(year))


class TestContains:
    @given(DAYS, st.integers(1, 400), st.integers(1, 400))
    def test_ends_are_no_part_of_it(self, start: date, first: int, second: int) -> None:
        middle = start + timedelta(days=first)
        end = middle + timedelta(days=second)
        whole = Period(start, end)

        assert whole.contains(Period(start, middle))
        assert whole.contains(Period(middle, end))
        assert not Period(start, middle).contains(Period(middle, end))
        assert not whole.contains(UNSTATED)
