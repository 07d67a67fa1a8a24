"""What surveys of buildings add up to."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_registry.facilities import rules
from komuna_registry.facilities.rules import (
    Access,
    AccessReason,
    Result,
    ResultContradictsError,
    Surveyed,
)

FIRST = date(2026, 1, 1)
DAY = date(2026, 6, 30)
SURVEYS = st.lists(
    st.builds(
        lambda access, start, length: Surveyed(
            access,
            FIRST + timedelta(days=start),
            FIRST + timedelta(days=start + length),
        ),
        st.sampled_from(Access),
        st.integers(0, 300),
        st.integers(0, 120),
    ),
    max_size=5,
)


def survey(access: Access, first: str, last: str | None = None) -> Surveyed:
    return Surveyed(access, date.fromisoformat(first), date.fromisoformat(last or first))


class TestFindAccess:
    @pytest.mark.parametrize(
        ("surveys", "access", "reason"),
        [
            ([], Access.UNKNOWN, AccessReason.NOT_SURVEYED),
            ([survey(Access.PARTLY, "2026-03-11")], Access.PARTLY, AccessReason.SURVEYED),
            ([survey(Access.PARTLY, "2026-07-01")], Access.UNKNOWN, AccessReason.NOT_SURVEYED),
            ([survey(Access.UNKNOWN, "2026-03-11")], Access.UNKNOWN, AccessReason.NOT_TOLD),
            (
                [survey(Access.NOT, "2026-03-11"), survey(Access.ACCESSIBLE, "2026-05-02")],
                Access.ACCESSIBLE,
                AccessReason.SURVEYED,
            ),
            # Of the same year and no nearer: nobody can say which of the two is the newer one.
            (
                [
                    survey(Access.NOT, "2026-03-11"),
                    survey(Access.ACCESSIBLE, "2026-01-01", "2026-06-30"),
                ],
                Access.UNKNOWN,
                AccessReason.SURVEYS_DISAGREE,
            ),
            # Some day of a year that is not over on the day that is asked for.
            (
                [survey(Access.ACCESSIBLE, "2026-01-01", "2026-12-31")],
                Access.UNKNOWN,
                AccessReason.NOT_SURVEYED,
            ),
        ],
    )
    def test_takes_the_newest_survey_and_no_guess(
        self, surveys: list[Surveyed], access: Access, reason: AccessReason
    ) -> None:
        found = rules.find_access(surveys, DAY)

        assert (found.access, found.reason) == (access, reason)

    @settings(max_examples=150, derandomize=True)
    @given(SURVEYS, st.integers(0, 450))
    def test_knows_only_what_every_order_of_the_surveys_would_tell(
        self, surveys: list[Surveyed], after: int
    ) -> None:
        day = FIRST + timedelta(days=after)

        found = rules.find_access(surveys, day)

        assert found == rules.find_access(surveys[::-1], day)
        certain = [one for one in surveys if one.last_day <= day]
        if found.access is not Access.UNKNOWN:
            # Whichever may be the newest says the same, so that no imprecise day was guessed.
            newest = max(one.first_day for one in certain)
            rivals = [one for one in surveys if one.first_day <= day and one.last_day >= newest]
            assert {one.access for one in rivals} == {found.access}
        if not certain:
            assert found.access is Access.UNKNOWN


class TestCountShare:
    @settings(max_examples=100, derandomize=True)
    @given(st.lists(st.sampled_from(Access), max_size=40))
    def test_leaves_the_unknown_out_of_the_share_and_in_the_count(
        self, found: list[Access]
    ) -> None:
        share = rules.count_share(found)

        assert share.facilities == len(found) == share.judged + share.unknown
        assert share.judged == share.accessible + share.partly + share.inaccessible
        if share.judged:
            assert share.percent == round(100 * share.accessible / share.judged, 1)
        else:
            assert share.percent is None

    def test_does_not_change_when_an_unjudged_building_is_added(self) -> None:
        known = [Access.ACCESSIBLE, Access.NOT, Access.PARTLY, Access.PARTLY]

        with_unknown = rules.count_share([*known, Access.UNKNOWN])

        assert rules.count_share(known).percent == with_unknown.percent == 25.0
        assert (with_unknown.judged, with_unknown.unknown) == (4, 1)


class TestCheckConsistent:
    def test_refuses_an_accessible_building_that_meets_a_criterion_not(self) -> None:
        with pytest.raises(ResultContradictsError):
            rules.check_consistent(Access.ACCESSIBLE, [Result.MET, Result.NOT_MET])

    @pytest.mark.parametrize("access", [Access.PARTLY, Access.NOT, Access.UNKNOWN])
    def test_accepts_it_of_any_other(self, access: Access) -> None:
        rules.check_consistent(access, [Result.NOT_MET])
        rules.check_consistent(Access.ACCESSIBLE, [Result.MET, Result.NOT_APPLICABLE])
