"""When a seat is vacant."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.offices.rules import Held, find_vacancy
from komuna_registry.periods import presence

DAY = date(2026, 6, 1)


def held(
    since: str | None,
    until: str | None = None,
    *,
    seen: str | None = None,
    act: bool = False,
    seat: int = 1,
) -> Held:
    return Held(seat, presence(since, until, seen), until, act)


class TestFindVacancy:
    @pytest.mark.parametrize(
        ("tenures", "is_vacant", "since"),
        [
            ([], None, None),
            ([held("2024")], False, None),
            ([held("2024", "2026-02-28", act=True)], True, "2026-02-28"),
            ([held("2024", "2026-02-28")], None, None),
            ([held("2024", "2026", act=True)], None, None),
            ([held("2026-06")], None, None),
            ([held("2027"), held("2024", "2025-12", act=True)], True, "2025-12"),
            ([held("2020", "2021", act=True), held(None, seen="2023")], None, None),
            ([held("2020", "2021", act=True), held("2022", "2024-05-01")], None, None),
            ([held("2024", "2026-02-28", act=True), held("2026-02-28")], False, None),
        ],
    )
    def test_is_told_by_acts_alone(
        self, *, tenures: list[Held], is_vacant: bool | None, since: str | None
    ) -> None:
        found = find_vacancy(1, tenures, DAY)

        assert (found.is_vacant, found.since) == (is_vacant, since)

    def test_looks_at_each_seat(self) -> None:
        first, second = held("2024"), held("2020", "2025", act=True, seat=2)

        assert find_vacancy(2, [first, second], DAY).since == "2025"
        assert find_vacancy(2, [first], DAY).is_vacant is None
        assert find_vacancy(1, [first, second], DAY).is_vacant is False

    @given(day=st.dates(date(2000, 1, 1), date(2030, 1, 1)), act=st.booleans())
    def test_never_says_vacant_of_a_day_on_which_somebody_may_hold_it(
        self, *, day: date, act: bool
    ) -> None:
        tenure = held("2005", "2010", act=act)

        found = find_vacancy(1, [tenure], day)

        if tenure.presence.on(day) is not None or not act:
            assert found.is_vacant is not True
        else:
            assert found.is_vacant is (True if day >= date(2011, 1, 1) else None)
