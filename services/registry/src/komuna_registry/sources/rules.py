"""How near a source is to what it tells."""

from enum import StrEnum

from komuna_shared.errors import NotFoundError


class Standing(StrEnum):
    """Whether the document itself was read."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"
    SYNTHETIC = "synthetic"


class SourceNotFoundError(NotFoundError):
    """There is no source of that code."""

    detail = "There is no such source."
