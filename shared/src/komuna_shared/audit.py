"""Who did what to which thing: one row, in the transaction of the effect."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.access import Principal
from komuna_shared.tables import audit_event

# Made once: to build a statement and its key for every request costs more than to send it.
_RECORD = insert(audit_event)


async def record(  # noqa: PLR0913 -- the columns of one row.
    session: AsyncSession,
    principal: Principal | None,
    *,
    action: str,
    subject_type: str,
    subject_id: str,
    purpose: str | None = None,
    institution: str | None = None,
) -> None:
    """Record an action beside its effect; both are committed, or neither."""
    row = {
        "issuer": principal.issuer if principal else None,
        "subject": principal.subject if principal else None,
        "client_id": principal.client_id if principal else None,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "purpose": purpose,
        "institution": institution,
        "trace_id": session.info.get("trace_id"),
    }
    await session.execute(_RECORD, row)
