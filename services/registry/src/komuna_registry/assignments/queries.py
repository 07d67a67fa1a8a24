"""What the database is asked about assignments. Every statement starts from `_visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.rules import Role
from komuna_registry.filter_values import check_filters
from komuna_registry.institutions.models import Institution
from komuna_registry.institutions.rules import InstitutionKind
from komuna_registry.municipalities.models import Municipality
from komuna_registry.tables import Statement
from komuna_shared import access
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .rules import AssignmentNotFoundError, DelegationNotFoundError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assignments a list is about."""

    role: Role | None = None
    institution: str | None = None
    municipality: str | None = None


def _visible_to(caller: Caller) -> Statement:
    """Select what an administrator of something may see; revoked ones are nobody's."""
    return _shown().where(_administered_by(caller))


def visible_or_own(caller: Caller) -> Statement:
    """Select what the caller administers, and what they hold themselves."""
    return _shown().where(or_(_administered_by(caller), _is_own(caller)))


def _is_own(caller: Caller) -> ColumnElement[bool]:
    principal = caller.principal
    return and_(Account.issuer == principal.issuer, Account.subject == principal.subject)


def _shown() -> Statement:
    return (
        select(
            Assignment.id,
            Assignment.account,
            Account.name,
            Assignment.role,
            Assignment.institution,
            Assignment.municipality,
            Assignment.valid_from,
            Assignment.valid_until,
            Assignment.granted_by,
            Assignment.delegated_from,
            Assignment.source,
            Account.is_synthetic,
            Assignment.version,
        )
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(Assignment.revoked_at.is_(None))
    )


def _administered_by(caller: Caller) -> ColumnElement[bool]:
    return or_(false(), *(_reach(one) for one in caller.assignments))


def _reach(held: access.Assignment) -> ColumnElement[bool]:
    role = held.role
    if role in {Role.OPS, Role.AUDITOR}:
        return true()
    if role == Role.MUNICIPAL_ADMIN:
        return Assignment.__table__.c.municipality == held.municipality
    if role == Role.INSTITUTION_ADMIN:
        return Assignment.__table__.c.institution == held.institution
    return false()


async def list_assignments(
    connection: AsyncConnection, page: PageRequest, caller: Caller, wanted: Wanted
) -> Found[Record]:
    """Return one page of the assignments that the caller administers, oldest first."""
    rows = _visible_to(caller)
    for column, value in (
        (Assignment.role, wanted.role),
        (Assignment.institution, wanted.institution),
        (Assignment.municipality, wanted.municipality),
    ):
        if value is not None:
            rows = rows.where(column == value)
    keys = (
        Key("valid_from", Assignment.__table__.c.valid_from),
        Key("id", Assignment.__table__.c.id),
    )
    found = await keyset(connection, rows, page, keys=keys)
    await check_filters(
        connection,
        found.items,
        institution=(Institution.code, [wanted.institution] if wanted.institution else []),
        municipality=(Municipality.slug, [wanted.municipality] if wanted.municipality else []),
    )
    return found


async def get_assignment(
    connection: AsyncConnection | AsyncSession, assignment_id: UUID, caller: Caller
) -> Record:
    """Return one assignment of the caller, or that they administer, or raise."""
    rows = await connection.execute(visible_or_own(caller).where(Assignment.id == assignment_id))
    found = rows.one_or_none()
    if found is None:
        raise AssignmentNotFoundError
    return found


async def get_own(connection: AsyncConnection | AsyncSession, own: UUID, caller: Caller) -> Record:
    """Return an assignment that the caller holds, or raise."""
    statement = _shown().where(Assignment.id == own, _is_own(caller))
    found = (await connection.execute(statement)).one_or_none()
    if found is None:
        raise AssignmentNotFoundError
    return found


async def list_delegations(
    connection: AsyncConnection, page: PageRequest, caller: Caller, own: UUID
) -> Found[Record]:
    """Return one page of what was lent from an assignment that the caller holds or administers."""
    parent = await connection.execute(visible_or_own(caller).where(Assignment.id == own))
    if parent.one_or_none() is None:
        raise AssignmentNotFoundError
    keys = (
        Key("valid_from", Assignment.__table__.c.valid_from),
        Key("id", Assignment.__table__.c.id),
    )
    return await keyset(
        connection, _shown().where(Assignment.delegated_from == own), page, keys=keys
    )


async def get_delegation(
    connection: AsyncConnection | AsyncSession, delegation: UUID, caller: Caller
) -> Record:
    """Return what the caller lent to somebody, or borrowed, or raise."""
    lender = (
        select(Assignment.id)
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(_is_own(caller))
    )
    is_lent = Assignment.delegated_from.in_(lender.scalar_subquery())
    is_borrowed = and_(Assignment.delegated_from.is_not(None), _is_own(caller))
    statement = _shown().where(Assignment.id == delegation, or_(is_lent, is_borrowed))
    found = (await connection.execute(statement)).one_or_none()
    if found is None:
        raise DelegationNotFoundError
    return found


async def find_delegations(session: AsyncSession, own: Sequence[UUID]) -> Sequence[Record]:
    """Return what is lent from these assignments, and what has ended with them just now."""
    parent = aliased(Assignment)
    statement = (
        select(Assignment.id, Assignment.revoked_at)
        .join_from(Assignment, parent, parent.id == Assignment.delegated_from)
        .where(
            parent.id.in_(own),
            or_(
                Assignment.revoked_at.is_(None),
                Assignment.revoked_at == func.now(),
                Assignment.revoked_at == parent.revoked_at,
            ),
        )
        .order_by(Assignment.id)
    )
    return (await session.execute(statement)).all()


async def find_institution_kind(session: AsyncSession, code: str | None) -> InstitutionKind | None:
    """Return the kind of an institution, or None where there is no such institution."""
    return await session.scalar(select(Institution.kind).where(Institution.code == code))
