"""When a membership ends whose body or member has ended."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.institutions.closing import end_with
from komuna_registry.periods import PeriodOrderError, presence

DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1))
WRITTEN = st.one_of(
    DAYS.map(date.isoformat),
    DAYS.map(lambda day: day.isoformat()[:7]),
    DAYS.map(lambda day: day.isoformat()[:4]),
)


class TestEndWith:
    @pytest.mark.parametrize(
        ("ended", "until", "answer"),
        [
            ("2022", None, "2022"),
            ("2022", "2020-05", "2020-05"),
            ("2022", "2022", "2022"),
            ("2022", "2023-01-02", "2022"),
        ],
    )
    def test_keeps_an_earlier_end(self, ended: str, until: str | None, answer: str) -> None:
        assert end_with(ended, since="2015", until=until, attested_on=None) == answer

    @pytest.mark.parametrize(
        ("since", "attested_on"), [("2023", None), (None, "2023"), ("2015", "2023")]
    )
    def test_is_refused_where_a_source_saw_it_later(
        self, since: str | None, attested_on: str | None
    ) -> None:
        with pytest.raises(PeriodOrderError):
            end_with("2022-01-01", since=since, until=None, attested_on=attested_on)

    @given(WRITTEN, WRITTEN, st.none() | WRITTEN, st.none() | WRITTEN)
    def test_never_outlives_what_ended(
        self, ended: str, since: str, until: str | None, attested_on: str | None
    ) -> None:
        limit = presence(None, ended).possible.upper
        assert limit is not None
        try:
            held = presence(since, until, attested_on).possible
            closed = end_with(ended, since=since, until=until, attested_on=attested_on)
        except PeriodOrderError:
            return

        found = presence(since, closed, attested_on).possible

        assert found.upper is not None
        assert found.upper <= limit
        assert found.lower == held.lower
