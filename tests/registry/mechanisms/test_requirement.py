"""Who must have a mechanism."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.mechanisms.requirement import Share, find_requirement, reach
from komuna_registry.mechanisms.rules import Aspect, Mandate, Reason, Required, Requirement, Said
from komuna_registry.periods import Certainty

TEN = Mandate.COMMUNITIES_TEN_PERCENT
PERCENT = Decimal(10)
MUST, NEED_NOT = Said(Aspect.MANDATORY, holds=True), Said(Aspect.MANDATORY, holds=False)


def together(percent: str | None, source: str = "census") -> Share:
    return Share(source, None, is_majority=False, percent=Decimal(percent) if percent else None)


def single(community: str, percent: str, *, is_majority: bool = False) -> Share:
    return Share("census", community, is_majority, Decimal(percent))


class TestFindRequirement:
    @pytest.mark.parametrize(
        ("mandate", "requirement", "reason"),
        [
            (Mandate.EVERY_MUNICIPALITY, Requirement.REQUIRED, Reason.BY_RULE),
            (Mandate.NOT_MANDATORY, Requirement.NOT_REQUIRED, Reason.BY_RULE),
            (Mandate.BY_AGREEMENT, Requirement.UNKNOWN, Reason.NOT_LISTED),
            (Mandate.STRATEGY_LIST, Requirement.UNKNOWN, Reason.NOT_LISTED),
            (TEN, Requirement.UNKNOWN, Reason.NO_COMMUNITY_SHARE),
        ],
    )
    def test_follows_the_mandate_rule(
        self, mandate: Mandate, requirement: Requirement, reason: Reason
    ) -> None:
        assert find_requirement(mandate, []) == Required(requirement, reason)

    @pytest.mark.parametrize(
        ("shares", "requirement", "reason"),
        [
            ([together("10")], Requirement.REQUIRED, Reason.SHARE_TEN_PERCENT),
            ([together("9.99")], Requirement.NOT_REQUIRED, Reason.SHARE_BELOW),
            ([together(None)], Requirement.UNKNOWN, Reason.SHARE_UNDECIDED),
            (
                [together("12", "one"), together("8", "other")],
                Requirement.UNKNOWN,
                Reason.SOURCES_DISAGREE,
            ),
            (
                [together("12", "one"), together(None, "other")],
                Requirement.REQUIRED,
                Reason.SHARE_TEN_PERCENT,
            ),
        ],
    )
    def test_is_decided_by_a_sourced_share(
        self, shares: list[Share], requirement: Requirement, reason: Reason
    ) -> None:
        assert find_requirement(TEN, [], shares, percent=PERCENT) == Required(requirement, reason)

    def test_takes_the_percentage_from_the_kind(self) -> None:
        stricter = find_requirement(TEN, [], [together("12")], percent=Decimal(15))
        unsaid = find_requirement(TEN, [], [together("12")])

        assert stricter == Required(Requirement.NOT_REQUIRED, Reason.SHARE_BELOW)
        assert unsaid == Required(Requirement.UNKNOWN, Reason.SHARE_UNDECIDED)

    def test_believes_a_statement_before_the_rule(self) -> None:
        for mandate in Mandate:
            found = find_requirement(mandate, [MUST])
            assert found == Required(Requirement.REQUIRED, Reason.STATED)

    def test_is_disputed_where_a_statement_denies_a_share(self) -> None:
        for said, shares in (([NEED_NOT], [together("12")]), ([MUST, NEED_NOT], [])):
            assert (
                find_requirement(TEN, said, shares, percent=PERCENT).reason
                is Reason.SOURCES_DISAGREE
            )

    def test_hears_no_statement_that_may_not_hold_on_the_day(self) -> None:
        doubtful = Said(Aspect.MANDATORY, holds=True, is_certain=False)

        assert find_requirement(TEN, [doubtful]).reason is Reason.NO_COMMUNITY_SHARE

    @pytest.mark.parametrize("mandate", list(Mandate))
    def test_is_not_there_before_its_mandate_began(self, mandate: Mandate) -> None:
        before = find_requirement(mandate, [], [together("50")], begun=None)
        perhaps = find_requirement(mandate, [], [together("50")], begun=Certainty.POSSIBLE)
        stated = find_requirement(mandate, [MUST], begun=None)

        assert before == Required(Requirement.NOT_REQUIRED, Reason.BEFORE_MANDATE)
        assert perhaps == Required(Requirement.UNKNOWN, Reason.MANDATE_POSSIBLE)
        assert stated == Required(Requirement.REQUIRED, Reason.STATED)


class TestReach:
    @pytest.mark.parametrize(
        ("shares", "answer"),
        [
            ([single("turkish", "6"), single("ashkali", "4")], True),
            ([single("turkish", "6")], None),
            ([single("albanian", "92", is_majority=True)], False),
            ([single("albanian", "89", is_majority=True)], None),
            ([single("albanian", "92", is_majority=True), single("turkish", "7")], False),
        ],
    )
    def test_takes_single_communities_for_a_bound(
        self, *, shares: list[Share], answer: bool | None
    ) -> None:
        assert reach(PERCENT, shares) is answer

    @given(st.lists(st.integers(1, 30), min_size=1, max_size=3))
    def test_agrees_with_the_whole_however_little_of_it_is_known(self, parts: list[int]) -> None:
        whole = [single(f"c{n}", str(part)) for n, part in enumerate(parts)]
        whole.append(single("most", str(100 - sum(parts)), is_majority=True))

        answer = reach(PERCENT, whole)

        assert answer is (sum(parts) >= 10)
        for left_out in range(len(whole)):
            known = whole[:left_out] + whole[left_out + 1 :]
            assert reach(PERCENT, known) in {answer, None}
