"""What there is to do for people who work on cases."""

from datetime import timedelta
from enum import StrEnum


class TaskKind(StrEnum):
    """What there is to do."""

    RATE_RISK = "rate_risk"
    ANSWER_REFERRAL = "answer_referral"
    INFORM_RECEIVER = "inform_receiver"
    REFER_ELSEWHERE = "refer_elsewhere"
    STOP_USING_DATA = "stop_using_data"


TOLD_FOR = timedelta(days=30)
"""How long that is told: nobody says yet that they have seen it."""
