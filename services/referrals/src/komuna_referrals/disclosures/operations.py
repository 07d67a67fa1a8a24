"""What writes disclosures: Postgres fills in who acts, for whom and what for."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.consents.rules import Basis
from komuna_referrals.trail import written
from komuna_shared.errors import NotFoundError

_DISCLOSE = text("select disclose(:case_id, :classes, :fields, :consent_id, :referral_id)")


async def record(
    session: AsyncSession,
    *,
    case_id: UUID,
    classes: Iterable[str],
    fields: Iterable[str],
    basis: Basis | None = None,
    referral_id: UUID | None = None,
) -> None:
    """Record that the acting person sees fields of a case, in the transaction that shows them.

    Owner and partner cite no basis. Raises `NotFoundError` when what is cited allows it no longer,
    and `AuditUnavailableError` when the row cannot be written.
    """
    values = {
        "case_id": case_id,
        "classes": sorted(classes),
        "fields": sorted(fields),
        "consent_id": None if basis is None else basis.id,
        "referral_id": referral_id,
    }
    async with written(session):
        is_allowed = await session.scalar(_DISCLOSE, values)
    if not is_allowed:
        raise NotFoundError
