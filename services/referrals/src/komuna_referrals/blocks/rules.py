"""Whom an owner cannot shut out."""

from komuna_shared.errors import RuleError


class BlockError(RuleError):
    """An institution cannot shut itself out."""

    code = "block_institution"
    detail = "An institution cannot be shut out of the case that it owns."
