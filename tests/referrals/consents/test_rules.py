"""What a record of consent must say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.consents import rules
from komuna_referrals.consents.rules import ConsentMethod, ConsentPurpose, LegalBasis

TODAY = date(2026, 11, 22)
days = st.dates(date(2020, 1, 1), date(2032, 1, 1))


@given(days, st.none() | days)
def test_a_period_is_begun_and_has_days(given_on: date, valid_until: date | None) -> None:
    try:
        rules.check_period(given_on, valid_until, today=TODAY)
    except rules.ConsentPeriodError:
        assert given_on > TODAY or (valid_until is not None and valid_until <= given_on)
    else:
        assert given_on <= TODAY
        assert valid_until is None or valid_until >= given_on + timedelta(days=1)


@pytest.mark.parametrize("purpose", list(ConsentPurpose))
def test_a_recipient_belongs_to_sharing(purpose: ConsentPurpose) -> None:
    fitting, other = ("isf", None) if purpose in rules.SHARING else (None, "isf")

    rules.check_recipient(purpose, fitting)
    with pytest.raises(rules.RecipientError):
        rules.check_recipient(purpose, other)


@given(st.sampled_from(list(LegalBasis)), st.sampled_from([None, "me", "another"]))
def test_a_basis_without_consent_has_a_second_person(
    basis: LegalBasis, approver: str | None
) -> None:
    needed = basis is not LegalBasis.CONSENT
    try:
        rules.check_approver(basis, approver, recorder="me")
    except rules.ApproverError:
        assert approver == "me" or needed == (approver is None)
    else:
        assert approver == ("another" if needed else None)


def test_a_witness_is_named_where_one_stood_by() -> None:
    rules.check_witness(ConsentMethod.SIGNATURE, None)
    rules.check_witness(ConsentMethod.WITNESSED_ORAL, "office 4")
    with pytest.raises(rules.WitnessError):
        rules.check_witness(ConsentMethod.WITNESSED_ORAL, None)
