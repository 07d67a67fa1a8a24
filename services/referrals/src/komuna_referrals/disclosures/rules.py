"""The vocabulary of disclosures."""

from enum import StrEnum


class DisclosureKind(StrEnum):
    """Whether data was read, or keys to it were handed over."""

    READ = "read"
    SHARED = "shared"


class DisclosureBasis(StrEnum):
    """What a disclosure rests on; all but the first two cite a record."""

    OWNERSHIP = "ownership"
    PARTNERSHIP = "partnership"
    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    CHILD_BEST_INTEREST = "child_best_interest"
    LEGAL_OBLIGATION = "legal_obligation"
    COURT_ORDER = "court_order"
    PUBLIC_TASK_IDENTIFICATION = "public_task_identification"
