"""What the keystore is asked."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .models import DataKey, InstitutionKey, WrappedKey

HeldKey = Row[UUID, UUID, str, str, int, bytes, bytes]
"""Key id, case, field class, institution, version, and the two wrapped keys."""


def _held() -> Select[UUID, UUID, str, str, int, bytes, bytes]:
    return (
        select(
            WrappedKey.key_id,
            DataKey.case_id,
            DataKey.field_class,
            WrappedKey.institution,
            WrappedKey.kek_version,
            WrappedKey.wrapped,
            InstitutionKey.wrapped.label("kek"),
        )
        .join(DataKey, DataKey.id == WrappedKey.key_id)
        .join(
            InstitutionKey,
            (InstitutionKey.institution == WrappedKey.institution)
            & (InstitutionKey.version == WrappedKey.kek_version),
        )
    )


async def find_held(
    connection: AsyncConnection | AsyncSession,
    case_id: UUID,
    classes: Iterable[str],
    institution: str,
) -> Sequence[HeldKey]:
    """Return the keys of a case that an institution holds, of those field classes."""
    found = await connection.execute(
        _held().where(
            DataKey.case_id == case_id,
            DataKey.field_class.in_(sorted(classes)),
            WrappedKey.institution == institution,
        )
    )
    return found.all()


async def find_outdated(
    session: AsyncSession, institution: str, version: int, count: int
) -> Sequence[HeldKey]:
    """Return some of the keys that an older version of an institution's key wraps."""
    found = await session.execute(
        _held()
        .where(WrappedKey.institution == institution, WrappedKey.kek_version < version)
        .order_by(DataKey.case_id)
        .limit(count)
    )
    return found.all()


async def find_institution_key(session: AsyncSession, institution: str) -> Row[int, bytes] | None:
    """Return the version of an institution's key that wraps now."""
    newest = (
        select(InstitutionKey.version, InstitutionKey.wrapped)
        .where(InstitutionKey.institution == institution)
        .order_by(InstitutionKey.version.desc())
        .limit(1)
    )
    return (await session.execute(newest)).one_or_none()


async def list_institutions(session: AsyncSession) -> Sequence[str]:
    """Return the institutions that have a key."""
    named = select(InstitutionKey.institution).distinct().order_by(InstitutionKey.institution)
    return (await session.scalars(named)).all()


async def count_outdated(session: AsyncSession, institution: str, version: int) -> int:
    """Return how many keys an older version still wraps."""
    counted = select(func.count()).where(
        WrappedKey.institution == institution, WrappedKey.kek_version < version
    )
    return await session.scalar(counted) or 0


async def find_any(connection: AsyncConnection) -> HeldKey | None:
    """Return some key that somebody holds."""
    return (await connection.execute(_held().limit(1))).one_or_none()
