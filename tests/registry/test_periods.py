"""Imprecise dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.periods import (
    Certainty,
    ImpreciseDateError,
    PeriodOrderError,
    parse,
    presence,
)

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


def written(day: date, precision: int) -> str:
    return day.isoformat()[:precision]


class TestParse:
    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2005", date(2005, 1, 1), date(2005, 12, 31)),
            ("2004-02", date(2004, 2, 1), date(2004, 2, 29)),
            ("2005-06-30", date(2005, 6, 30), date(2005, 6, 30)),
            ("2005..2008", date(2005, 1, 1), date(2008, 12, 31)),
            ("..1999", None, date(1999, 12, 31)),
        ],
    )
    def test_keeps_what_the_text_leaves_open(
        self, text: str, first: date | None, last: date
    ) -> None:
        span = parse(text)

        assert (span.first, span.last) == (first, last)

    @pytest.mark.parametrize("text", ["", "05", "2005-13", "2005-02-30", "2005..", "yesterday"])
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(ImpreciseDateError):
            parse(text)

    def test_refuses_a_range_that_ends_before_it_begins(self) -> None:
        with pytest.raises(PeriodOrderError):
            parse("2008..2005")

    @given(DAYS, st.sampled_from([4, 7, 10]))
    def test_holds_the_day_it_was_written_from(self, day: date, precision: int) -> None:
        span = parse(written(day, precision))

        assert span.first is not None
        assert span.last is not None
        assert span.first <= day <= span.last


class TestPresence:
    def test_is_certain_only_between_the_latest_start_and_the_earliest_end(self) -> None:
        held = presence("2002", "2005")

        assert held.on(date(2001, 12, 31)) is None
        assert held.on(date(2002, 6, 1)) is Certainty.POSSIBLE
        assert held.on(date(2004, 12, 31)) is Certainty.CERTAIN
        assert held.on(date(2005, 6, 1)) is Certainty.POSSIBLE
        assert held.on(date(2006, 1, 1)) is None

    def test_says_of_an_attested_office_nothing_beyond_the_attestation(self) -> None:
        held = presence(None, None, "2020-10")

        assert held.on(date(2020, 9, 30)) is None
        assert held.on(date(2020, 10, 15)) is Certainty.POSSIBLE
        assert held.on(date(2020, 11, 1)) is None

    def test_is_certain_up_to_the_last_attestation_of_what_goes_on(self) -> None:
        held = presence("2021", None, "2024")

        assert held.on(date(2023, 1, 1)) is Certainty.CERTAIN
        assert held.on(date(2026, 1, 1)) is Certainty.POSSIBLE

    def test_is_certain_without_end_where_nothing_ends_it(self) -> None:
        assert presence("2013", None).on(date(2026, 11, 21)) is Certainty.CERTAIN

    @pytest.mark.parametrize("last", ["9999", "9999-12", "9999-12-31"])
    def test_goes_no_further_than_the_last_day_there_is(self, last: str) -> None:
        assert presence("2013", last).on(date(2026, 11, 21)) is Certainty.CERTAIN

    def test_refuses_an_end_before_the_beginning(self) -> None:
        with pytest.raises(PeriodOrderError):
            presence("2005", "2004")

    @given(DAYS, st.integers(1, 5000), DAYS, *[st.sampled_from([4, 7, 10])] * 2)
    def test_never_calls_certain_what_less_precise_dates_make_impossible(
        self, since: date, length: int, day: date, start: int, end: int
    ) -> None:
        until = since + timedelta(days=length)
        exact = presence(since.isoformat(), until.isoformat())
        coarse = presence(written(since, start), written(until, end))

        # What is certain by the coarse dates was so; what was so is possible by them.
        if coarse.on(day) is Certainty.CERTAIN:
            assert exact.on(day) is Certainty.CERTAIN
        if exact.on(day) is Certainty.CERTAIN:
            assert coarse.on(day) is not None

    @given(DAYS, st.integers(1, 5000), DAYS)
    def test_is_never_only_possible_when_both_days_are_known(
        self, since: date, length: int, day: date
    ) -> None:
        until = since + timedelta(days=length)

        held = presence(since.isoformat(), until.isoformat()).on(day)

        assert held is (Certainty.CERTAIN if since <= day < until else None)
