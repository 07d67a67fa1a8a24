"""What a change leaves behind: its audit row, in the transaction of the change."""

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.trail import written
from komuna_referrals.wall import Acting
from komuna_shared import audit
from komuna_shared.access import Caller


async def note(
    session: AsyncSession, caller: Caller, acting: Acting, action: str, *, about: str, named: str
) -> None:
    """Record an effect beside it; what cannot be recorded does not happen."""
    async with written(session):
        await audit.record(
            session,
            caller.principal,
            action=action,
            subject_type=about,
            subject_id=named,
            purpose=acting.purpose,
            institution=acting.institution,
        )
