"""What is made up for the demonstration, and kept apart from what is real."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.queries import find_own_account
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, ForbiddenError, RuleError

SYNTHETIC_SINCE = date(2026, 1, 1)
MADE_UP = "Made-up data begins in 2026."


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


async def is_made_up(session: AsyncSession, caller: Caller) -> bool:
    """Tell whether the caller is an account of the demonstration, whose records are made up."""
    account = await find_own_account(session, caller.principal)
    return bool(account is not None and account.is_synthetic)


async def check_origin(session: AsyncSession, caller: Caller, *, is_synthetic: bool) -> None:
    """Raise unless the caller and the record are both made up, or both real."""
    if is_synthetic != await is_made_up(session, caller):
        raise MadeUpMismatchError


async def check_same_origin(session: AsyncSession, caller: Caller, source: str) -> None:
    """Raise unless the caller and what this source tells are both made up, or both real."""
    standing = await session.scalar(select(Source.standing).where(Source.code == source))
    await check_origin(session, caller, is_synthetic=standing is Standing.SYNTHETIC)
