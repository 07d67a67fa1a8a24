"""Days and instants, and what merely could be read as one."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from komuna_shared.days import Day, Instant

DAY = TypeAdapter(Day)
INSTANT = TypeAdapter(Instant)


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


class TestInstant:
    @pytest.mark.parametrize(
        "written",
        ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", datetime(2026, 1, 1, tzinfo=UTC)],
    )
    def test_is_an_instant(self, written: object) -> None:
        assert INSTANT.validate_python(written) == datetime(2026, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        "written",
        ["0", 0, 0.5, True, "0.5", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T", None],
    )
    def test_is_nothing_else(self, written: object) -> None:
        with pytest.raises(ValidationError):
            INSTANT.validate_python(written)
