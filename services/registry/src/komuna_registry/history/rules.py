"""What can happen to a row of the register, and how much of an import is kept."""

from enum import StrEnum

MOST = 10_000
"""The changes that are kept of one import."""


class Op(StrEnum):
    """How a row changed."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
