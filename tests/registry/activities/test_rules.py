"""How activities are counted."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_registry.activities import rules
from komuna_registry.activities.rules import (
    Attended,
    Breakdown,
    Days,
    Group,
    Held,
    ParticipantStatus,
    Reason,
)

FIRST = date(2020, 1, 1)
YEARS = [Days(date(year, 1, 1), date(year, 12, 31)) for year in (2020, 2021, 2022)]
PLACES = ("viti", "peje", "obiliq")
PEOPLE = st.lists(
    st.builds(
        Attended,
        st.sampled_from([None, "female", "male"]),
        st.sampled_from([None, "roma"]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.sampled_from(ParticipantStatus),
    ),
    max_size=4,
    unique_by=lambda one: (one.sex, one.community),
)
HELD = st.lists(
    st.builds(
        lambda kind, start, length, places, organisers, people: Held(
            kind,
            Days(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)),
            tuple(sorted(places)),
            tuple(sorted(organisers)),
            tuple(people),
        ),
        st.sampled_from(["training", "campaign"]),
        st.integers(0, 900),
        st.sampled_from([0, 1, 40, 400]),
        st.sets(st.sampled_from(PLACES)),
        st.sets(st.sampled_from(["institution/ogg", "name/NDI"])),
        PEOPLE,
    ),
    max_size=8,
)
BY = st.lists(st.sampled_from(Breakdown), min_size=1, max_size=5, unique=True)


class TestCountActivities:
    @settings(max_examples=200, derandomize=True)
    @given(HELD, BY)
    def test_adds_up_by_any_breakdown(self, held: list[Held], by: list[Breakdown]) -> None:
        counted = rules.count_activities(held, by)
        groups = counted.groups.values()

        assert counted.whole.activities == len(held)
        assert sum(group.activities for group in groups) == len(held) + counted.repeated
        assert counted.repeated >= 0
        persons = sum(group.persons or 0 for group in groups)
        assert persons == (counted.whole.persons or 0) + counted.repeated_persons

    @settings(max_examples=100, derandomize=True)
    @given(HELD)
    def test_repeats_nothing_by_what_an_activity_has_once(self, held: list[Held]) -> None:
        by_kind = rules.count_activities(held, [Breakdown.KIND])
        by_sex = rules.count_activities(held, [Breakdown.SEX, Breakdown.COMMUNITY])

        assert by_kind.repeated == by_kind.repeated_persons == 0
        assert by_sex.repeated_persons == 0
        assert by_sex.whole == by_kind.whole

    @settings(max_examples=150, derandomize=True)
    @given(HELD)
    def test_counts_an_imprecise_period_never_twice(self, held: list[Held]) -> None:
        by = [Breakdown.KIND]
        parts = [rules.count_activities(held, by, year) for year in YEARS]
        whole = rules.count_activities(held, by, Days(YEARS[0].first, YEARS[-1].last))

        counted = sum(part.whole.activities for part in parts)
        crossing = [
            one
            for one in held
            if Days(YEARS[0].first, YEARS[-1].last).holds(one.days)
            and not any(year.holds(one.days) for year in YEARS)
        ]
        assert counted + len(crossing) == whole.whole.activities
        for part, year in zip(parts, YEARS, strict=True):
            touching = [one for one in held if year.meets(one.days)]
            assert part.whole.activities + part.overlapping == len(touching)

    def test_says_what_nobody_told_and_never_calls_it_zero(self) -> None:
        day = Days(FIRST, FIRST)
        told = (Attended("female", None, 6), Attended("male", None, None))
        held = [
            Held("training", day, participants=told),
            Held("training", day),
            Held("campaign", day, participants=(Attended(None, "roma", None),)),
            Held("campaign", day, participants=(Attended("male", None, 0),)),
        ]

        counted = rules.count_activities(held, [Breakdown.KIND])

        assert counted.whole == Group(activities=4, untold=3, persons=6)
        assert counted.groups == {
            ("training",): Group(activities=2, untold=2, persons=6),
            ("campaign",): Group(activities=2, untold=1, persons=0),
        }

    def test_says_why_a_number_is_missing(self) -> None:
        day = Days(FIRST, FIRST)
        blank = Attended("female", None, None, ParticipantStatus.BLANK)
        silent = Attended("male", None, None)

        def missing(*held: Held) -> tuple[ParticipantStatus, Reason | None]:
            return rules.find_missing(rules.count_activities(held, []).whole)

        printed = Held("training", day, participants=(blank,))
        assert missing() == (ParticipantStatus.NOT_IN_SOURCE, Reason.NOTHING_RECORDED)
        assert missing(printed) == (ParticipantStatus.BLANK, Reason.BLANK_IN_SOURCE)
        for another in (Held("training", day), Held("training", day, participants=(silent,))):
            said = (ParticipantStatus.NOT_IN_SOURCE, Reason.NOT_IN_SOURCE)
            assert missing(printed, another) == missing(another) == said
        told = Held("training", day, participants=(Attended(None, None, 0),))
        assert missing(printed, told) == (ParticipantStatus.ACTUAL, None)

    def test_puts_one_of_two_municipalities_in_both_and_says_so(self) -> None:
        day = Days(FIRST, FIRST)
        both = Held("campaign", day, ("peje", "viti"), participants=(Attended(None, None, 5),))

        counted = rules.count_activities([both, Held("training", day)], [Breakdown.MUNICIPALITY])

        assert {values: group.activities for values, group in counted.groups.items()} == {
            ("peje",): 1,
            ("viti",): 1,
            (None,): 1,
        }
        assert (counted.whole.activities, counted.repeated, counted.repeated_persons) == (2, 1, 5)
