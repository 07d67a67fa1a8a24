"""The vocabulary of institutions."""

from enum import StrEnum

from komuna_shared.errors import ConflictError, NotFoundError, RuleError


class InstitutionKind(StrEnum):
    """What an institution does, which also decides who works there."""

    GOVERNMENT = "government"
    INDEPENDENT = "independent"
    MUNICIPAL = "municipal"
    POLICE = "police"
    PROSECUTION = "prosecution"
    JUSTICE = "justice"
    SOCIAL_WORK = "social_work"
    HEALTH = "health"
    SHELTER = "shelter"
    CIVIL_SOCIETY = "civil_society"
    INTERNATIONAL = "international"


class NameForm(StrEnum):
    """What a name of an institution is; abbreviations are not unique."""

    NAME = "name"
    ABBREVIATION = "abbreviation"
    ALIAS = "alias"


class MemberFunction(StrEnum):
    """What a member is in a body."""

    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    OBSERVER = "observer"


class InstitutionNotFoundError(NotFoundError):
    """There is no institution of that code."""

    detail = "There is no such institution."


class InstitutionClosedError(ConflictError):
    """It has ended already."""

    code = "institution_closed"
    detail = "This institution has ended already."


class MembersSeenLaterError(ConflictError):
    """A source saw a member of it, or it as a member, after the day."""

    code = "members_seen_later"
    detail = "A membership was seen after the body or its member had ended."


class SuccessorNotFoundError(RuleError):
    """Whoever is said to take over is not there."""

    code = "unknown_reference"
    detail = "This names something that is not there."


class OwnSuccessorError(RuleError):
    """An institution does not take over from itself."""

    code = "own_successor"
    detail = "An institution cannot be its own successor."
