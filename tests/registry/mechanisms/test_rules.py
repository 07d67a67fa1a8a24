"""What statements about a mechanism add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.mechanisms.rules import (
    Aspect,
    Finding,
    Reason,
    Required,
    Requirement,
    Said,
    State,
    count_states,
    find_state,
)

YES, NO = Said(Aspect.ESTABLISHED, holds=True), Said(Aspect.ESTABLISHED, holds=False)
OPEN = Required(Requirement.UNKNOWN, Reason.NOT_LISTED)
FREE = Required(Requirement.NOT_REQUIRED, Reason.SHARE_BELOW)
UNCOUNTED = Required(Requirement.UNKNOWN, Reason.NO_COMMUNITY_SHARE)
SAID = st.lists(
    st.builds(
        Said,
        st.sampled_from(Aspect),
        st.booleans(),
        st.sampled_from([None, "one", "other"]),
        is_certain=st.booleans(),
    ),
    max_size=6,
)
REQUIRED = st.sampled_from([OPEN, FREE, UNCOUNTED, Required(Requirement.REQUIRED, Reason.BY_RULE)])


def of(mechanism: str, aspect: Aspect, *, is_certain: bool = True) -> Said:
    return Said(aspect, holds=True, mechanism=mechanism, is_certain=is_certain)


class TestFindState:
    @pytest.mark.parametrize(
        ("said", "state"),
        [
            ([YES], State.IN_PLACE),
            ([NO], State.MISSING),
            ([YES, NO], State.CONTRADICTORY),
            ([YES, Said(Aspect.VACANT, holds=True)], State.VACANT),
            ([YES, Said(Aspect.DISSOLVED, holds=True)], State.MISSING),
            ([Said(Aspect.VACANT, holds=False)], State.IN_PLACE),
            ([Said(Aspect.FUNCTIONAL, holds=True)], State.IN_PLACE),
            ([NO, Said(Aspect.FUNCTIONAL, holds=True)], State.CONTRADICTORY),
            ([Said(Aspect.COMPOSITION_COMPLIANT, holds=True)], State.UNKNOWN),
        ],
    )
    def test_follows_from_what_is_said(self, said: list[Said], state: State) -> None:
        assert find_state(said, OPEN, is_covered=True).state is state

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            # One was dissolved and another is there; one municipality may have several.
            ([of("a", Aspect.DISSOLVED), of("b", Aspect.ESTABLISHED)], State.IN_PLACE),
            ([of("a", Aspect.ESTABLISHED), of("a", Aspect.DISSOLVED)], State.MISSING),
            ([of("a", Aspect.VACANT), of("b", Aspect.VACANT)], State.VACANT),
            ([YES, of("a", Aspect.VACANT)], State.VACANT),
            # What is denied of the municipality is denied of each that serves it.
            ([NO, of("a", Aspect.ESTABLISHED)], State.CONTRADICTORY),
        ],
    )
    def test_judges_each_mechanism_by_itself(self, said: list[Said], state: State) -> None:
        assert find_state(said, OPEN, is_covered=True).state is state

    def test_tells_the_silence_of_a_source_from_having_none(self) -> None:
        silent = Finding(State.UNKNOWN, Reason.NOT_IN_SOURCE)
        unread = Finding(State.UNKNOWN, Reason.NO_SOURCE_FOR_DATE)

        assert find_state([], OPEN, is_covered=True) == silent
        assert find_state([], OPEN, is_covered=False) == unread

    def test_says_that_a_share_is_what_it_lacks(self) -> None:
        for is_covered in (True, False):
            found = find_state([], UNCOUNTED, is_covered=is_covered)
            assert found == Finding(State.UNKNOWN, Reason.NO_COMMUNITY_SHARE)

    def test_calls_nothing_missing_that_nobody_requires(self) -> None:
        for said in ([], [NO]):
            found = find_state(said, FREE, is_covered=True)
            assert found == Finding(State.NOT_REQUIRED, Reason.SHARE_BELOW)

    @pytest.mark.parametrize("required", [OPEN, FREE, UNCOUNTED])
    def test_takes_what_is_possible_for_no_more(self, required: Required) -> None:
        said = [of("a", Aspect.ESTABLISHED, is_certain=False)]

        found = find_state(said, required, is_covered=True)

        assert found == Finding(State.UNKNOWN, Reason.POSSIBLE)

    @given(SAID, REQUIRED, st.randoms())
    def test_does_not_depend_on_the_order(
        self, said: list[Said], required: Required, random: st.DrawFn
    ) -> None:
        shuffled = sorted(said, key=lambda _: random.random())  # type: ignore[attr-defined]

        assert find_state(shuffled, required, is_covered=True) == find_state(
            said, required, is_covered=True
        )

    @given(SAID, REQUIRED)
    def test_is_contradictory_whenever_a_statement_is_denied(
        self, said: list[Said], required: Required
    ) -> None:
        found = find_state([*said, YES, NO], required, is_covered=True)

        assert found.state is State.CONTRADICTORY

    @given(SAID, REQUIRED)
    def test_finds_nothing_in_place_that_no_certain_statement_says(
        self, said: list[Said], required: Required
    ) -> None:
        doubtful = [Said(one.aspect, one.holds, one.mechanism, is_certain=False) for one in said]

        found = find_state(doubtful, required, is_covered=True)

        assert found.state in {State.UNKNOWN, State.NOT_REQUIRED}


class TestCountStates:
    @given(
        municipalities=st.lists(st.tuples(SAID, REQUIRED), max_size=40), is_covered=st.booleans()
    )
    def test_adds_up_to_the_rows_whatever_is_said(
        self, *, municipalities: list[tuple[list[Said], Required]], is_covered: bool
    ) -> None:
        findings = [
            find_state(said, required, is_covered=is_covered) for said, required in municipalities
        ]

        totals = count_states(findings)

        assert sum(totals.values()) == len(municipalities)
        assert set(totals) == set(State)
