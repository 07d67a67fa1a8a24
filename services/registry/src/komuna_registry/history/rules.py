"""What can happen to a row of the register."""

from enum import StrEnum


class Op(StrEnum):
    """How a row changed."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
