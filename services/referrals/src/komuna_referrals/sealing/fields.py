"""Which kinds of personal data have keys of their own."""

from enum import StrEnum


class FieldClass(StrEnum):
    """A class of fields; needs (F) and administrative fields (I) are not encrypted."""

    IDENTITY = "A"
    CONTACT = "B"
    ACCOUNT = "C"
    HEALTH = "D"
    PROCEEDINGS = "E"
    FAMILY = "G"
    PERPETRATOR = "H"
