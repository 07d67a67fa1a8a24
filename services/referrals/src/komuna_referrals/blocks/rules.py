"""Whom an owner cannot shut out."""

from komuna_shared.errors import RuleError


class BlockError(RuleError):
    """An institution cannot shut itself out."""

    code = "block_institution"
    detail = "An institution cannot be shut out of the case that it owns."


class BlockUnknownError(RuleError):
    """Who is not there is shut out by nothing: a name mistyped would leave the other one in."""

    code = "block_institution_unknown"
    detail = "There is no such institution, so nobody would be shut out. Look it up in registry."
