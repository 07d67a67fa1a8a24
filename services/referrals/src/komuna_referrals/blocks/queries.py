"""What the database is asked about blocks; row-level security shows them to the owner alone."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.errors import NotFoundError
from komuna_shared.paging import Found, Key, PageRequest, keyset
from komuna_shared.tables import assignment_copy

from .models import CaseBlock

_COLUMNS = CaseBlock.__table__.c
KEYS = (Key("blocked_at", _COLUMNS.blocked_at), Key("id", _COLUMNS.id))


def _visible_to(case_id: UUID) -> Select[CaseBlock]:
    """Select the blocks of a case that the caller was found to own."""
    return select(CaseBlock).where(CaseBlock.case_id == case_id)


async def list_blocks(session: AsyncSession, page: PageRequest, case_id: UUID) -> Found[CaseBlock]:
    """Return who is shut out of a case, oldest first."""
    return await keyset(session, _visible_to(case_id), page, keys=KEYS, default="blocked_at")


async def get_block(session: AsyncSession, case_id: UUID, block_id: UUID) -> CaseBlock:
    """Return one block of a case, or raise `NotFoundError`."""
    found = await session.scalar(_visible_to(case_id).where(CaseBlock.id == block_id))
    if found is None:
        raise NotFoundError
    return found


async def is_blocked(session: AsyncSession, case_id: UUID, institution: str) -> bool:
    """Tell the owner of a case whether an institution is shut out of it; others see no block."""
    blocks = _visible_to(case_id).where(CaseBlock.institution == institution)
    return (await session.execute(blocks)).first() is not None


async def is_known_here(session: AsyncSession, institution: str) -> bool:
    """Tell whether anybody holds, held or will hold a role at an institution."""
    held = assignment_copy.c
    found = select(held.id).where(held.institution == institution).limit(1)
    return (await session.execute(found)).first() is not None
