"""The file that assignments come in."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.rules import Role
from komuna_registry.fields import Code, Text
from komuna_registry.institutions.models import Institution
from komuna_registry.intake import WRITERS
from komuna_registry.municipalities.models import Municipality
from komuna_registry.rows import FileRow, check_days
from komuna_registry.settings import Settings
from komuna_registry.upserts import find_missing
from komuna_shared import audit
from komuna_shared.errors import RuleError
from komuna_shared.imports import Collection, Counts, Row, RowProblem

from . import rules
from .operations import tell_followers
from .rules import Place

_REFERENCES = {
    "institution": (Institution.code, "unknown_institution"),
    "municipality": (Municipality.slug, "unknown_municipality"),
}
Accounts = Mapping[tuple[str, str], UUID]


class AssignmentRow(FileRow):
    """A role that somebody holds; without an issuer, of the issuer that this service trusts."""

    issuer: Text | None = None
    subject: Text
    role: Role
    institution: Code | None = None
    municipality: Code | None = None
    valid_from: date
    valid_until: date | None = None
    source: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_days(self.valid_from, self.valid_until)
        try:
            rules.check_place(self.role, Place(self.institution, self.municipality))
        except RuleError as error:
            raise PydanticCustomError("assignment_place", error.detail) from None
        return self


def make_collections(settings: Settings) -> tuple[Collection[Any], ...]:
    """Return the collection of assignments."""

    async def check(session: AsyncSession, rows: Sequence[Row[AssignmentRow]]) -> list[RowProblem]:
        known = await _find_accounts(session, rows, settings.issuer)
        problems = await find_missing(session, rows, _REFERENCES)
        return problems + [
            RowProblem(row.number, "subject", "unknown_account")
            for row in rows
            if _owner(row.value, settings.issuer) not in known
        ]

    async def apply(session: AsyncSession, rows: Sequence[Row[AssignmentRow]], _: UUID) -> Counts:
        accounts = await _find_accounts(session, rows, settings.issuer)
        counts = Counts()
        for row in rows:
            account = accounts[_owner(row.value, settings.issuer)]
            counts = counts.plus(await _write(session, account, row.value))
        return counts

    return (
        Collection(
            name="assignments",
            row_model=AssignmentRow,
            apply=apply,
            roles=WRITERS,
            key=("issuer", "subject", "role", "institution", "municipality", "valid_from"),
            check=check,
        ),
    )


def _owner(row: AssignmentRow, issuer: str) -> tuple[str, str]:
    return row.issuer or issuer, row.subject


async def _find_accounts(
    session: AsyncSession, rows: Sequence[Row[AssignmentRow]], issuer: str
) -> Accounts:
    owners = {_owner(row.value, issuer) for row in rows}
    found = await session.execute(
        select(Account.issuer, Account.subject, Account.id).where(
            tuple_(Account.issuer, Account.subject).in_(owners)
        )
    )
    return {(one.issuer, one.subject): one.id for one in found}


async def _write(session: AsyncSession, account: UUID, row: AssignmentRow) -> Counts:
    stored = await session.scalar(
        select(Assignment).where(
            Assignment.account == account,
            Assignment.role == row.role,
            Assignment.institution.is_not_distinct_from(row.institution),
            Assignment.municipality.is_not_distinct_from(row.municipality),
            Assignment.valid_from == row.valid_from,
            Assignment.revoked_at.is_(None),
        )
    )
    if stored is None:
        values = row.model_dump(exclude={"issuer", "subject"})
        new = insert(Assignment).values(account=account, **values).returning(Assignment.id)
        await _tell(session, (await session.execute(new)).scalar_one())
        return Counts(created=1)
    if (stored.valid_until, stored.source) == (row.valid_until, row.source):
        return Counts(unchanged=1)
    stored.valid_until, stored.source = row.valid_until, row.source
    stored.version += 1
    await session.flush()
    await _tell(session, stored.id)
    return Counts(updated=1)


async def _tell(session: AsyncSession, assignment_id: UUID) -> None:
    await tell_followers(session, assignment_id)
    await audit.record(
        session,
        None,
        action="assignment.import",
        subject_type="assignment",
        subject_id=str(assignment_id),
    )
