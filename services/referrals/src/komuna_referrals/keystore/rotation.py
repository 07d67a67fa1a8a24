"""A new key for an institution: what the old one wraps is wrapped anew, while both can be read."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import BigInteger, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.database import Database

from . import queries, wrapping
from .models import InstitutionKey, WrappedKey
from .operations import current_kek, lock_of, opened
from .queries import HeldKey

BATCH = 200
# Longer than any transaction: nobody who saw the old version as the newest still writes with it.
PATIENCE = timedelta(seconds=30)
_PAUSE = 0.1


async def add_version(keystore: Database, root: bytes, institution: str) -> int:
    """Give an institution a new key, which wraps from now on, and return its version."""
    async with keystore.session() as session:
        newest, _ = await current_kek(session, root, institution)
        version = newest + 1
        wrapped = wrapping.wrap_institution_key(root, wrapping.new_key(), institution, version)
        values = {"institution": institution, "version": version, "wrapped": wrapped}
        await session.execute(insert(InstitutionKey).values(values))
    return version


async def finish(
    keystore: Database,
    root: bytes,
    institution: str,
    *,
    batch: int = BATCH,
    patience: timedelta = PATIENCE,
) -> int:
    """Wrap everything with the newest key, destroy the older ones, and return what was wrapped.

    Killed anywhere it leaves every key readable, and the next call goes on.
    """
    wrapped = 0
    while True:
        done = await rewrap(keystore, root, institution, batch=batch)
        wrapped += done
        if not done:
            if await _retire(keystore, institution, patience):
                return wrapped
            await asyncio.sleep(_PAUSE)


async def rewrap(keystore: Database, root: bytes, institution: str, *, batch: int = BATCH) -> int:
    """Wrap some keys with the newest version, in one transaction, and return how many."""
    async with keystore.session() as session:
        version, kek = await current_kek(session, root, institution)
        found = await queries.find_outdated(session, institution, version, batch)
        held = await _taken(session, institution, version, await _locked(session, found))
        if held:
            values = [
                {
                    "key_id": one.key_id,
                    "institution": institution,
                    "kek_version": version,
                    "wrapped": wrapping.wrap_data_key(
                        kek, opened(root, one), one.case_id, institution
                    ),
                }
                for one in held
            ]
            await session.execute(insert(WrappedKey).values(values))
    return len(held)


async def _locked(session: AsyncSession, found: Sequence[HeldKey]) -> list[HeldKey]:
    """Return the keys of the cases that nobody else is changing now; the others wait."""
    asked = sorted({lock_of(one.case_id) for one in found})
    number = func.unnest(bindparam("asked", asked, type_=ARRAY(BigInteger))).column_valued("number")
    rows = await session.execute(select(number, func.pg_try_advisory_xact_lock(number)))
    free = {one for one, is_free in rows if is_free}
    return [one for one in found if lock_of(one.case_id) in free]


async def _taken(
    session: AsyncSession, institution: str, version: int, held: Collection[HeldKey]
) -> list[HeldKey]:
    """Delete the old rows; what was taken back before its case was locked is not among them."""
    gone = await session.scalars(
        delete(WrappedKey)
        .where(
            WrappedKey.institution == institution,
            WrappedKey.kek_version < version,
            WrappedKey.key_id.in_([one.key_id for one in held]),
        )
        .returning(WrappedKey.key_id)
    )
    taken = set(gone)
    return [one for one in held if one.key_id in taken]


async def _retire(keystore: Database, institution: str, patience: timedelta) -> bool:
    """Destroy the older versions once they wrap nothing and nobody can still be using them."""
    of_institution = InstitutionKey.institution == institution
    async with keystore.session() as session:
        newest = await session.execute(
            select(InstitutionKey.version, InstitutionKey.created_at < func.now() - patience)
            .where(of_institution)
            .order_by(InstitutionKey.version.desc())
            .limit(1)
        )
        version, is_settled = newest.one()
        if not is_settled or await queries.count_outdated(session, institution, version):
            return False
        await session.execute(
            delete(InstitutionKey).where(of_institution, InstitutionKey.version < version)
        )
    return True
