"""Who is named as holding an office, for as long as something names them."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.citations import Citation
from komuna_registry.institutions.models import Membership
from komuna_registry.naming import findable, normalise
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record

from . import telling
from .inputs import HolderIn
from .models import LONGEST_NAME_WORDS, Holder, Office, Tenure
from .rules import HolderNotFoundError

_HOLDERS: Statement = select(
    *Holder.__table__.c, (Source.standing == Standing.SYNTHETIC).label("is_synthetic")
).join_from(Holder, Source, Source.code == Holder.source)
_IS_NAMED = or_(
    exists().where(Tenure.holder == Holder.code), exists().where(Membership.holder == Holder.code)
)


async def get_holder(
    connection: AsyncConnection | AsyncSession, code: str, *, is_changing: bool = False
) -> Record:
    """Return one holder, or raise; `is_changing` holds them until the transaction ends."""
    wanted = _HOLDERS.where(Holder.code == code)
    if is_changing:
        wanted = wanted.with_for_update(of=Holder, key_share=True)
    found = (await connection.execute(wanted)).one_or_none()
    if found is None:
        raise HolderNotFoundError
    return found


async def list_offices_of(session: AsyncSession, code: str) -> Sequence[Record]:
    """Return the offices that somebody held, the latest first."""
    table = Office.__table__
    held = (
        select(table.c.code, table.c.municipality, table.c.institution)
        .join_from(table, Tenure, Tenure.office == table.c.code)
        .where(Tenure.holder == code)
        .order_by(func.lower(Tenure.possible).desc(), Tenure.id)
    )
    return (await session.execute(held)).all()


async def find_bodies_of(session: AsyncSession, code: str) -> Sequence[str]:
    """Return the bodies that somebody belongs to as a person, by code."""
    bodies = select(Membership.body).where(Membership.holder == code).order_by(Membership.body)
    return (await session.scalars(bodies)).all()


async def record_holder(session: AsyncSession, wanted: HolderIn, cited: Citation) -> str:
    """Keep somebody new: whoever has the name of somebody known is not taken for them."""
    words = normalise(wanted.name).split()
    slug = "-".join(word for word in words if word.isascii())[:80].strip("-")
    new: dict[str, Any] = {
        "code": f"{slug or 'holder'}-{uuid4().hex[:8]}",
        **wanted.model_dump(),
        "words": findable([wanted.name], LONGEST_NAME_WORDS),
        **cited.model_dump(),
    }
    for said in ("sex", "community"):
        if new[said] is not None:
            new |= {f"{said}_source": cited.source, f"{said}_locator": cited.locator}
    made = await session.execute(insert(Holder).values(new).returning(*Holder.__table__.c))
    await telling.tell_holders(session, [made.one()._mapping])  # noqa: SLF001
    return str(new["code"])


async def drop_unnamed(session: AsyncSession, code: str) -> bool:
    """Remove a holder whom no tenure and no membership names, tell it, and say whether that was so.

    Their history stays; their name is in no answer, no feed and no export any more.
    """
    gone = await session.execute(
        delete(Holder).where(Holder.code == code, ~_IS_NAMED).returning(*Holder.__table__.c)
    )
    row = gone.one_or_none()
    if row is None:
        return False
    await telling.tell_holder_gone(session, row._mapping)  # noqa: SLF001
    return True
