"""Days, and what merely could be read as one."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from komuna_shared.days import Day

DAY = TypeAdapter(Day)


class TestDay:
    @pytest.mark.parametrize("written", ["2020-12-31", date(2020, 12, 31)])
    def test_is_a_day(self, written: object) -> None:
        assert DAY.validate_python(written) == date(2020, 12, 31)

    @pytest.mark.parametrize(
        "written",
        [
            "0",
            0,
            1.5,
            True,
            "2020-12-31T00:00:00",
            "2020-1-1",
            "2020-02-30",
            "٢٠٢٠-١٢-٣١",
            datetime(2020, 12, 31, tzinfo=UTC),
            None,
        ],
    )
    def test_is_nothing_else(self, written: object) -> None:
        with pytest.raises(ValidationError):
            DAY.validate_python(written)
