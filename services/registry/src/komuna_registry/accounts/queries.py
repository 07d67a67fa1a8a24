"""Who a principal is to us: the account, and the assignments that hold today."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.clock import today
from komuna_registry.tables import Statement
from komuna_shared import access
from komuna_shared.access import Caller, Principal
from komuna_shared.database import Record

from .models import Account, Assignment


def _held_by(principal: Principal) -> Statement:
    day = today()
    return (
        select(
            Assignment.id,
            Assignment.delegated_from,
            Assignment.role,
            Assignment.institution,
            Assignment.municipality,
            Assignment.valid_from,
            Assignment.valid_until,
        )
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(
            Account.issuer == principal.issuer,
            Account.subject == principal.subject,
            Assignment.revoked_at.is_(None),
            Assignment.valid_from <= day,
            or_(Assignment.valid_until.is_(None), Assignment.valid_until > day),
        )
        .order_by(Assignment.role, Assignment.institution, Assignment.municipality)
    )


async def list_held(
    connection: AsyncConnection | AsyncSession, principal: Principal
) -> Sequence[Record]:
    """Return what somebody holds today; what was lent to them says from which assignment."""
    return (await connection.execute(_held_by(principal))).all()


async def load_caller(connection: AsyncConnection | AsyncSession, principal: Principal) -> Caller:
    """Return the caller with the roles held today; somebody we do not know holds none."""
    rows = await list_held(connection, principal)
    return Caller(
        principal,
        tuple(
            access.Assignment(
                role=row.role.value,
                institution=row.institution,
                municipality=row.municipality,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
            for row in rows
        ),
    )


async def find_account(
    connection: AsyncConnection | AsyncSession, issuer: str, subject: str
) -> Record | None:
    """Return somebody's account, or None when they have none."""
    statement = select(Account.__table__).where(
        Account.issuer == issuer, Account.subject == subject
    )
    return (await connection.execute(statement)).one_or_none()


async def find_own_account(
    connection: AsyncConnection | AsyncSession, principal: Principal
) -> Record | None:
    """Return the caller's account, or None."""
    return await find_account(connection, principal.issuer, principal.subject)
