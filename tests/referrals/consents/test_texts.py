"""The texts that are read to people."""

import pytest

from komuna_referrals.consents.rules import ConsentPurpose, ConsentTextError
from komuna_referrals.consents.texts import TEXTS, find_text


def test_there_is_one_for_every_purpose_in_every_language() -> None:
    read = {(purpose, one.language) for one in TEXTS.values() for purpose in one.purposes}

    assert read == {
        (purpose, language) for purpose in ConsentPurpose for language in ("sq", "sr-Latn", "en")
    }


def test_no_two_have_the_same_words() -> None:
    assert len({one.sha256 for one in TEXTS.values()}) == len(TEXTS)


def test_a_text_for_something_else_is_none() -> None:
    with pytest.raises(ConsentTextError):
        find_text("interview-1", "1.0.0", "sq", ConsentPurpose.RECORD_KEEPING)
