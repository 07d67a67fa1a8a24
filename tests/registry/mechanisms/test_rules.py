"""What statements about a mechanism add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.mechanisms.rules import (
    Aspect,
    Finding,
    Reason,
    Said,
    State,
    count_states,
    find_state,
)

YES, NO = Said(Aspect.ESTABLISHED, holds=True), Said(Aspect.ESTABLISHED, holds=False)
SAID = st.lists(st.builds(Said, st.sampled_from(Aspect), st.booleans()), max_size=6)


class TestFindState:
    @pytest.mark.parametrize(
        ("said", "state"),
        [
            ([YES], State.IN_PLACE),
            ([NO], State.MISSING),
            ([YES, NO], State.CONTRADICTORY),
            ([YES, Said(Aspect.VACANT, holds=True)], State.VACANT),
            ([YES, Said(Aspect.DISSOLVED, holds=True)], State.MISSING),
            ([Said(Aspect.MANDATORY, holds=False)], State.NOT_REQUIRED),
            ([YES, Said(Aspect.MANDATORY, holds=False)], State.IN_PLACE),
            ([Said(Aspect.FUNCTIONAL, holds=True)], State.IN_PLACE),
            ([Said(Aspect.COMPOSITION_COMPLIANT, holds=True)], State.UNKNOWN),
        ],
    )
    def test_follows_from_what_is_said(self, said: list[Said], state: State) -> None:
        assert find_state(said, is_covered=True).state is state

    def test_tells_the_silence_of_a_source_from_having_none(self) -> None:
        assert find_state([], is_covered=True) == Finding(State.UNKNOWN, Reason.NOT_IN_SOURCE)
        assert find_state([], is_covered=False) == Finding(State.UNKNOWN, Reason.NO_SOURCE_FOR_DATE)

    @given(SAID, st.randoms())
    def test_does_not_depend_on_the_order(self, said: list[Said], random: st.DrawFn) -> None:
        shuffled = sorted(said, key=lambda _: random.random())  # type: ignore[attr-defined]

        assert find_state(shuffled, is_covered=True) == find_state(said, is_covered=True)

    @given(SAID)
    def test_is_contradictory_whenever_a_statement_is_denied(self, said: list[Said]) -> None:
        denied = [*said, YES, NO]

        assert find_state(denied, is_covered=True).state is State.CONTRADICTORY


class TestCountStates:
    @given(st.lists(st.builds(Finding, st.sampled_from(State), st.sampled_from(Reason))))
    def test_adds_up(self, findings: list[Finding]) -> None:
        totals = count_states(findings)

        assert sum(totals.values()) == len(findings)
        assert set(totals) == set(State)
