"""Ids as callers write them."""

from uuid import UUID, uuid4

import pytest

from komuna_referrals import ids


class TestCaseId:
    def test_reads_an_id_in_any_spelling_of_it(self) -> None:
        known = uuid4()

        assert ids.case_id(str(known)) == known
        assert ids.case_id(str(known).upper()) == known

    @pytest.mark.parametrize("text", ["", "1", "Arta", "6f0a2c52-6d3e-4a57-9f67", "null"])
    def test_gives_what_is_no_id_an_id_that_no_case_has(self, text: str) -> None:
        assert ids.case_id(text) == ids.NO_CASE == UUID(int=0)
