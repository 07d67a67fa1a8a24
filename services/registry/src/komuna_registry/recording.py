"""What is asked of every record that somebody writes: known names, and made up only if they are."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.queries import find_own_account
from komuna_registry.institutions.called import find_names
from komuna_registry.municipalities.frame import Frame
from komuna_registry.naming import normalise
from komuna_registry.sources.resting import RestingIn, cite
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, ForbiddenError, RuleError
from komuna_shared.languages import DEFAULT, label

SYNTHETIC_SINCE = date(2026, 1, 1)
MADE_UP = "Made-up data begins in 2026."
NOT_THERE = "This names something that is not there."
Place = tuple[str, str | None]
"""A pointer into the request, and what it names there."""


class SyntheticPeriodError(RuleError):
    """Somebody who is made up tells of a time before the demonstration."""

    code = "synthetic_period"
    detail = MADE_UP

    def __init__(self, pointer: str) -> None:
        super().__init__(errors=(FieldError(pointer, self.code),))


class MadeUpMismatchError(ForbiddenError):
    """Somebody of the demonstration changes what is real, or the other way round."""

    code = "made_up_mismatch"
    detail = "Accounts of the demonstration change made-up records only, and real ones real ones."


class UnknownNameError(RuleError):
    """The request names municipalities, institutions or criteria that are not there."""

    code = "unknown_reference"
    detail = NOT_THERE

    def __init__(self, *pointers: str) -> None:
        super().__init__(errors=tuple(FieldError(one, self.code) for one in pointers))


class NameLeftError(RuleError):
    """No name would be left."""

    code = "name_left"
    detail = "A name in one language is needed."

    def __init__(self) -> None:
        super().__init__(errors=(FieldError("/names", self.code),))


async def is_made_up(session: AsyncSession, caller: Caller) -> bool:
    """Tell whether the caller is an account of the demonstration, whose records are made up."""
    account = await find_own_account(session, caller.principal)
    return bool(account is not None and account.is_synthetic)


async def check_origin(session: AsyncSession, caller: Caller, *, is_synthetic: bool) -> None:
    """Raise unless the caller and the record are both made up, or both real."""
    if is_synthetic != await is_made_up(session, caller):
        raise MadeUpMismatchError


def check_municipalities(frame: Frame, named: Iterable[Place]) -> None:
    """Raise for each place of the request that names no municipality."""
    missing = [pointer for pointer, slug in named if slug is not None and slug not in frame.entries]
    if missing:
        raise UnknownNameError(*missing)


async def check_institutions(session: AsyncSession, named: Iterable[Place]) -> None:
    """Raise for each place of the request that names no institution."""
    listed = [(pointer, code) for pointer, code in named if code is not None]
    known = await find_names(session, [code for _, code in listed]) if listed else {}
    missing = [pointer for pointer, code in listed if code not in known]
    if missing:
        raise UnknownNameError(*missing)


async def rest(
    session: AsyncSession, record: Any, owner: str, names: Mapping[str, str], wanted: RestingIn
) -> None:
    """Set what a record rests on, where the request says it; an act is the owner's, so named."""
    issuer = label(names, DEFAULT)[0]
    cited = await cite(session, owner, issuer, wanted, is_made_up=record.is_synthetic)
    if cited is not None:
        record.source, record.locator = cited.source, cited.locator


def merge_names(names: Mapping[str, str], sent: Mapping[Any, str | None] | None) -> dict[str, str]:
    """Return names after a merge patch: null takes one away, and one must be left."""
    merged = {**names, **(sent or {})} if sent is not None else {}
    kept = {language: name for language, name in merged.items() if name is not None}
    if not kept:
        raise NameLeftError
    return kept


def make_code(*words: str, is_synthetic: bool) -> str:
    """Return a code made of words, which says of what is made up that it is."""
    plain = [part for one in words for part in _plain(one)]
    return "-".join(["demo", *plain] if is_synthetic else plain)[:100].rstrip("-")


def _plain(words: str) -> list[str]:
    return normalise(words).encode("ascii", "ignore").decode().split()
