"""What there is to do for people who work on cases."""

from enum import StrEnum


class TaskKind(StrEnum):
    """What there is to do."""

    RATE_RISK = "rate_risk"
    ANSWER_REFERRAL = "answer_referral"
    INFORM_RECEIVER = "inform_receiver"
    REFER_ELSEWHERE = "refer_elsewhere"
