"""What can happen to a row of the register, and how much of an import is kept."""

from enum import StrEnum

MOST = 10_000
"""The changes that are kept of one import."""

# What is computed from other columns, and what an entry says by itself.
UNTOLD = frozenset({"words", "certain", "possible", "version", "public_id", "modified_at"})


class Op(StrEnum):
    """How a row changed."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
