"""As what a partner works on a case, and whom nobody may bring in."""

from enum import StrEnum

from komuna_shared.errors import RuleError


class PartnerRole(StrEnum):
    """What a partner does for the person."""

    ADVOCACY = "advocacy"
    HEALTH = "health"
    LEGAL_AID = "legal_aid"
    PROSECUTION = "prosecution"
    PROTECTION = "protection"
    SOCIAL_WORK = "social_work"
    OTHER = "other"


class PartnerError(RuleError):
    """The institution cannot become a partner in this case."""

    code = "partner_institution"
    detail = "This institution works no cases here, owns this one, or is shut out of it."
