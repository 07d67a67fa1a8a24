"""The vocabulary of municipalities: schemes, kinds of spelling, methods of counting."""

from enum import StrEnum

from komuna_shared.errors import NotFoundError


class NameForm(StrEnum):
    """Which grammatical form a name has; only Albanian has two."""

    INDEFINITE = "indefinite"
    DEFINITE = "definite"


class AliasKind(StrEnum):
    """Where a spelling comes from."""

    DOCUMENT = "document"
    CANONICAL = "canonical"
    DAMAGED = "damaged"
    OTHER = "other"


class CountMethod(StrEnum):
    """How the people of a municipality were counted."""

    ENUMERATED = "enumerated"
    ESTIMATED = "estimated"
    BOYCOTTED = "boycotted"
    NOT_ENUMERATED = "not_enumerated"


class SettlementKind(StrEnum):
    """What a source calls a settlement; `settlement` where it does not say."""

    SETTLEMENT = "settlement"
    VILLAGE = "village"
    TOWN = "town"


class MunicipalityNotFoundError(NotFoundError):
    """There is no municipality of that slug."""

    detail = "There is no such municipality."


class SettlementNotFoundError(NotFoundError):
    """There is no settlement of that code."""

    detail = "There is no such settlement."
