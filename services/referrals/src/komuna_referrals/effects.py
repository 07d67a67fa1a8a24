"""What a change leaves behind: its audit row, in the transaction of the change."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.access import AuditUnavailableError
from komuna_referrals.wall import Acting
from komuna_shared import audit
from komuna_shared.access import Caller
from komuna_shared.logging import error_of, log

_LONGEST_WAIT = 0.25


async def note(
    session: AsyncSession, caller: Caller, acting: Acting, action: str, *, about: str, named: str
) -> None:
    """Record an effect beside it; what cannot be recorded does not happen."""
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await audit.record(
                session,
                caller.principal,
                action=action,
                subject_type=about,
                subject_id=named,
                purpose=acting.purpose,
                institution=acting.institution,
            )
    except Exception as failure:  # noqa: BLE001 -- whatever stops the record stops the change.
        log.error("audit_unwritable", **error_of(failure))
        raise AuditUnavailableError from None
