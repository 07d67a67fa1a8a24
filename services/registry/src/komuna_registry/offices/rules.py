"""The vocabulary of offices and of those who hold them."""

from enum import StrEnum

from komuna_shared.errors import NotFoundError


class Sex(StrEnum):
    """The sex of a holder, where a source tells it."""

    FEMALE = "female"
    MALE = "male"


class OfficeNotFoundError(NotFoundError):
    """There is no office of that code."""

    detail = "There is no such office."
