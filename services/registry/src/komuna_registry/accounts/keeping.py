"""Whose records a caller may keep: those of the own municipality or institution, or all."""

from komuna_shared.access import Caller
from komuna_shared.errors import ForbiddenError

from .rules import Role

_ALL = frozenset({Role.COORDINATOR, Role.OPS})
_MUNICIPAL = frozenset({Role.MUNICIPAL_OFFICER, Role.MUNICIPAL_ADMIN})


class NotYoursError(ForbiddenError):
    """The record belongs to another municipality or institution."""

    code = "not_yours"
    detail = "This belongs to another municipality or institution, which keeps it itself."


def may_keep(caller: Caller, *, municipality: str | None, institution: str | None = None) -> bool:
    """Say whether the caller keeps what belongs to that municipality or institution."""
    if caller.roles & _ALL:
        return True
    if municipality is not None:
        return any(caller.has(role, municipality=municipality) for role in _MUNICIPAL)
    return institution is not None and caller.has(Role.INSTITUTION_ADMIN, institution=institution)


def check_keeper(
    caller: Caller, *, municipality: str | None, institution: str | None = None
) -> None:
    """Raise unless the caller keeps what belongs to that municipality or institution."""
    if not may_keep(caller, municipality=municipality, institution=institution):
        raise NotYoursError
