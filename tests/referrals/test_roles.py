"""Which roles may do what with cases."""

from komuna_referrals.roles import RATERS, READERS


class TestRoles:
    def test_let_a_rater_read(self) -> None:
        assert RATERS <= READERS

    def test_keep_the_coordinator_and_the_first_responder_away_from_cases(self) -> None:
        assert not READERS & {"coordinator", "first_responder", "auditor", "ops", "analyst"}
