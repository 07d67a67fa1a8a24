"""What the database is asked about disclosures; Postgres shows them to the owner of a case."""

from uuid import UUID

from sqlalchemy import Select, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .models import Disclosure

_DISCLOSURE = Disclosure.__table__.c
KEYS = (Key("disclosed_at", _DISCLOSURE.disclosed_at), Key("id", _DISCLOSURE.id))
NEWEST_FIRST = "-disclosed_at"

# Named here and not imported: cases record disclosures, so disclosures may not ask for cases.
_CASE_ACCESS = table("case_access", column("case_id"), column("relation"), column("ended_at"))


def _visible_to(case_id: UUID) -> Select[Disclosure]:
    """Select what Postgres shows of the disclosures of a case."""
    return select(Disclosure).where(Disclosure.case_id == case_id)


async def list_disclosures(
    session: AsyncSession, page: PageRequest, case_id: UUID
) -> Found[Disclosure]:
    """Return who saw what of a case, newest first; `NotFoundError` unless it is one's own."""
    owned = select(_CASE_ACCESS.c.case_id).where(
        _CASE_ACCESS.c.case_id == case_id,
        _CASE_ACCESS.c.relation == "owner",
        _CASE_ACCESS.c.ended_at.is_(None),
    )
    if (await session.execute(owned.limit(1))).first() is None:
        raise NotFoundError
    return await keyset(session, _visible_to(case_id), page, keys=KEYS, default=NEWEST_FIRST)
