"""Which days a period stands for."""

from datetime import date

import pytest

from komuna_registry.activities import spans
from komuna_registry.activities.rules import Days
from komuna_registry.activities.spans import PeriodError


class TestReadDays:
    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2020", "2020-01-01", "2020-12-31"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("2020-12-03", "2020-12-03", "2020-12-03"),
            ("2021-11..2022-10", "2021-11-01", "2022-10-31"),
            ("2021-11-01/P12M", "2021-11-01", "2022-10-31"),
            ("2011-04-01/P45D", "2011-04-01", "2011-05-15"),
            ("2020-S2", "2020-07-01", "2020-12-31"),
            ("2020-Q1", "2020-01-01", "2020-03-31"),
            ("2020-Q4", "2020-10-01", "2020-12-31"),
        ],
    )
    def test_reads_reports_and_figures_alike(self, text: str, first: str, last: str) -> None:
        assert spans.read_days(text) == Days(date.fromisoformat(first), date.fromisoformat(last))

    @pytest.mark.parametrize(
        "text",
        [
            *("", "20", "2020-13", "2020-S3", "2020-Q5", "2020-02-30", "2021..2020", "..2020"),
            *("٢٠٢٠", "٢٠٢٠-S1", "٢٠٢٠-01-01/P9M"),
            *("2020-01-31/P1M", "2020-01-01/P0M", "9998-01-01/P9999M", "9999-12-01/P9999D"),
        ],
    )
    def test_refuses_what_is_no_period(self, text: str) -> None:
        with pytest.raises(PeriodError):
            spans.read_days(text)
