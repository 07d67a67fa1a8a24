"""Who a principal is to us: the account, and the assignments that hold today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_registry.clock import today
from komuna_registry.tables import Statement
from komuna_shared import access
from komuna_shared.access import Caller, Principal
from komuna_shared.database import Record

from .models import Account, Assignment

Owner = tuple[str, str]
"""Whose an account is: the issuer of tokens, and the subject in them."""


@dataclass(frozen=True, slots=True)
class HeldAssignment(access.Assignment):
    """A role held today, and from which assignment it was lent, if it was."""

    delegated_from: UUID | None


# Every request of somebody with a token asks this, so it is made once.
_HELD: Statement = (
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
        Account.issuer == bindparam("issuer"),
        Account.subject == bindparam("subject"),
        Assignment.revoked_at.is_(None),
        Assignment.valid_from <= bindparam("day"),
        or_(Assignment.valid_until.is_(None), Assignment.valid_until > bindparam("day")),
    )
    .order_by(Assignment.role, Assignment.institution, Assignment.municipality)
)


async def list_held(
    connection: AsyncConnection | AsyncSession, principal: Principal
) -> Sequence[Record]:
    """Return what somebody holds today; what was lent to them says from which assignment."""
    asked = {"issuer": principal.issuer, "subject": principal.subject, "day": today()}
    return (await connection.execute(_HELD, asked)).all()


async def load_caller(connection: AsyncConnection | AsyncSession, principal: Principal) -> Caller:
    """Return the caller with the roles held today; somebody we do not know holds none."""
    rows = await list_held(connection, principal)
    return Caller(
        principal,
        tuple(
            HeldAssignment(
                role=row.role.value,
                institution=row.institution,
                municipality=row.municipality,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                delegated_from=row.delegated_from,
            )
            for row in rows
        ),
    )


async def find_accounts(
    connection: AsyncConnection | AsyncSession, owners: Collection[Owner]
) -> dict[Owner, Record]:
    """Return the accounts of these issuers and subjects; who has none is absent."""
    table = Account.__table__.c
    found = await connection.execute(
        select(*table).where(tuple_(table.issuer, table.subject).in_(owners))
    )
    return {(one.issuer, one.subject): one for one in found}


async def find_own_account(
    connection: AsyncConnection | AsyncSession, principal: Principal
) -> Record | None:
    """Return the caller's account, or None."""
    own = (principal.issuer, principal.subject)
    return (await find_accounts(connection, [own])).get(own)
