"""What opens a case, what is decided in it, and what its changes add up to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from komuna_referrals.cases import rules
from komuna_referrals.cases.rules import AgeBand, Basis, Identification

BASES = frozenset(Basis)
MINORS_ONLY = frozenset({Basis.CHILD_OR_UNSURE, Basis.CHILD_BEST_INTEREST})


class TestCheckBasis:
    @given(some.sampled_from(Basis), some.sampled_from(AgeBand))
    def test_lets_a_child_or_unsure_age_in_on_any_basis(self, basis: Basis, age: AgeBand) -> None:
        is_allowed = age != AgeBand.ADULT or basis not in MINORS_ONLY

        if is_allowed:
            rules.check_basis(basis, age, allowed=BASES, minors_only=MINORS_ONLY)
        else:
            with pytest.raises(rules.BasisError):
                rules.check_basis(basis, age, allowed=BASES, minors_only=MINORS_ONLY)

    def test_follows_the_row_of_the_procedure(self) -> None:
        with pytest.raises(rules.BasisError):
            rules.check_basis(
                Basis.COURT_ORDER, AgeBand.CHILD, allowed=set(), minors_only=MINORS_ONLY
            )


class TestCheckDecision:
    @pytest.mark.parametrize("present", Identification)
    @pytest.mark.parametrize("to", [one for one in Identification if one != "presumed"])
    def test_offers_only_the_presumption(self, present: Identification, to: Identification) -> None:
        with pytest.raises(rules.DecisionNotOfferedError):
            rules.check_decision(present, to)

    @pytest.mark.parametrize("present", Identification)
    def test_presumes_who_was_screened_or_not_identified(self, present: Identification) -> None:
        if present in {Identification.SCREENED, Identification.NOT_IDENTIFIED}:
            rules.check_decision(present, Identification.PRESUMED)
        else:
            with pytest.raises(rules.IdentificationError):
                rules.check_decision(present, Identification.PRESUMED)


class TestFindNew:
    def test_returns_what_is_not_known(self) -> None:
        found = rules.find_new(["means.fraud", "act.receipt", "means.fraud"], ["act.receipt"])

        assert found == ["means.fraud"]

    def test_refuses_what_is_all_known(self) -> None:
        with pytest.raises(rules.NoNewIndicatorError):
            rules.find_new(["act.receipt"], ["act.receipt"])


class TestReplay:
    @given(some.lists(some.dictionaries(some.sampled_from("abcd"), some.integers())))
    def test_ends_where_each_field_was_last_changed(self, changes: list[dict[str, Any]]) -> None:
        state = rules.replay(changes)

        for field, value in state.items():
            assert next(one[field] for one in reversed(changes) if field in one) == value
        assert set(state) == {field for one in changes for field in one}


class TestCodes:
    def test_are_those_of_the_protocol_and_the_directive(self) -> None:
        assert len(rules.INDICATORS) == len(set(rules.INDICATORS)) == 5 + 10 + 15
        assert {one.partition(".")[0] for one in rules.INDICATORS} == {"act", "means", "purpose"}
        assert len(rules.NEEDS) == len(set(rules.NEEDS)) == 40
