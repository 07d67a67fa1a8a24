"""What the keystore is asked."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from .models import DataKey, InstitutionKey, WrappedKey

HeldKey = Row[UUID, UUID, str, str, int, bytes, bytes]
"""Key id, case, field class, institution, version, and the two wrapped keys."""


_HELD: Select[UUID, UUID, str, str, int, bytes, bytes] = (
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
# Requests that open or seal something ask these, so they are made once.
_OF_CASE = _HELD.where(
    DataKey.case_id == bindparam("case_id"),
    DataKey.field_class.in_(bindparam("classes")),
    WrappedKey.institution == bindparam("institution"),
)
_NEWEST = (
    select(InstitutionKey.version, InstitutionKey.wrapped)
    .where(InstitutionKey.institution == bindparam("institution"))
    .order_by(InstitutionKey.version.desc())
    .limit(1)
)


async def find_held(
    connection: AsyncConnection | AsyncSession,
    case_id: UUID,
    classes: Iterable[str],
    institution: str,
) -> Sequence[HeldKey]:
    """Return the keys of a case that an institution holds, of those field classes."""
    asked = {"case_id": case_id, "classes": sorted(classes), "institution": institution}
    return (await connection.execute(_OF_CASE, asked)).all()


async def find_outdated(
    session: AsyncSession, institution: str, version: int, count: int
) -> Sequence[HeldKey]:
    """Return some of the keys that an older version of an institution's key wraps."""
    found = await session.execute(
        _HELD.where(WrappedKey.institution == institution, WrappedKey.kek_version < version)
        .order_by(DataKey.case_id)
        .limit(count)
    )
    return found.all()


async def find_institution_key(session: AsyncSession, institution: str) -> Row[int, bytes] | None:
    """Return the version of an institution's key that wraps now."""
    return (await session.execute(_NEWEST, {"institution": institution})).one_or_none()


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
    return (await connection.execute(_HELD.limit(1))).one_or_none()
