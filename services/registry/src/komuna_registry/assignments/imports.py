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
from komuna_registry.intake import KEEPERS
from komuna_registry.keeping import load_sender
from komuna_registry.municipalities.models import Municipality
from komuna_registry.rows import FileRow, check_days
from komuna_registry.settings import Settings
from komuna_registry.upserts import find_missing
from komuna_shared import audit
from komuna_shared.errors import RuleError, ServiceError
from komuna_shared.imports import Collection, Counts, Row, RowProblem, RowsRefusedError

from . import rules
from .operations import list_granting, tell_followers
from .rules import Place

_NOBODY = "Nobody of this subject has an account."
_REFERENCES = {
    "institution": Institution.code,
    "municipality": Municipality.slug,
}
Accounts = Mapping[tuple[str, str], UUID]
Key = tuple[UUID, Role, str | None, str | None, date]


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
            RowProblem(row.number, "subject", "unknown_account", _NOBODY)
            for row in rows
            if _owner(row.value, settings.issuer) not in known
        ]

    async def apply(
        session: AsyncSession, rows: Sequence[Row[AssignmentRow]], import_id: UUID
    ) -> Counts:
        accounts = await _find_accounts(session, rows, settings.issuer)
        await _refuse_sender(session, rows, import_id, accounts, settings.issuer)
        owned = [(accounts[_owner(row.value, settings.issuer)], row.value) for row in rows]
        return await _write(session, owned)

    return (
        Collection(
            name="assignments",
            row_model=AssignmentRow,
            apply=apply,
            roles=KEEPERS,
            key=("issuer", "subject", "role", "institution", "municipality", "valid_from"),
            check=check,
        ),
    )


def _owner(row: AssignmentRow, issuer: str) -> tuple[str, str]:
    return row.issuer or issuer, row.subject


async def _refuse_sender(
    session: AsyncSession,
    rows: Sequence[Row[AssignmentRow]],
    import_id: UUID,
    accounts: Accounts,
    issuer: str,
) -> None:
    """Raise where the sender would grant to themselves, or holds a role that was only lent.

    What they hold already may stand in their file, as an export has it.
    """
    sender = await load_sender(session, import_id)
    if not any(one.role == Role.OPS for one in list_granting(sender)):
        raise _refused(rows, "role", rules.NotGrantableError)
    own = (sender.principal.issuer, sender.principal.subject)
    stored = await _find_stored(session, {accounts[own]} if own in accounts else set())
    theirs = [
        row
        for row in rows
        if _owner(row.value, issuer) == own
        and not _is_held(stored.get(_key(accounts[own], row.value)), row.value)
    ]
    if theirs:
        raise _refused(theirs, "subject", rules.SelfGrantError)


def _refused(
    rows: Sequence[Row[AssignmentRow]], column: str, error: type[ServiceError]
) -> RowsRefusedError:
    return RowsRefusedError(
        [RowProblem(row.number, column, error.code, error.detail) for row in rows]
    )


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


async def _write(session: AsyncSession, owned: Sequence[tuple[UUID, AssignmentRow]]) -> Counts:
    stored = await _find_stored(session, {account for account, _ in owned})
    taken = await _find_taken_away(session, {account for account, _ in owned})
    new, changed = [], []
    for account, row in owned:
        if (*_key(account, row), row.valid_until, row.source) in taken:
            # The file says what it said before; that it was taken away is later.
            continue
        known = stored.get(_key(account, row))
        if known is None:
            new.append({"account": account, **row.model_dump(exclude={"issuer", "subject"})})
        elif not _is_held(known, row):
            known.valid_until, known.source = row.valid_until, row.source
            known.version += 1
            changed.append(known.id)
    await session.flush()
    insertion = insert(Assignment).returning(Assignment.id)
    made = list(await session.scalars(insertion, new)) if new else []
    await _tell(session, [*made, *changed])
    return Counts(len(made), len(changed), len(owned) - len(made) - len(changed))


def _key(account: UUID, row: AssignmentRow) -> Key:
    return account, row.role, row.institution, row.municipality, row.valid_from


def _is_held(known: Assignment | None, row: AssignmentRow) -> bool:
    return known is not None and (known.valid_until, known.source) == (row.valid_until, row.source)


async def _find_stored(session: AsyncSession, accounts: set[UUID]) -> dict[Key, Assignment]:
    found = await session.scalars(
        select(Assignment).where(Assignment.account.in_(accounts), Assignment.revoked_at.is_(None))
    )
    return {
        (one.account, one.role, one.institution, one.municipality, one.valid_from): one
        for one in found
    }


async def _find_taken_away(session: AsyncSession, accounts: set[UUID]) -> set[tuple[Any, ...]]:
    found = await session.execute(
        select(
            *(Assignment.account, Assignment.role, Assignment.institution),
            *(Assignment.municipality, Assignment.valid_from),
            *(Assignment.valid_until, Assignment.source),
        ).where(Assignment.account.in_(accounts), Assignment.revoked_at.is_not(None))
    )
    return {tuple(one) for one in found}


async def _tell(session: AsyncSession, assignments: Sequence[UUID]) -> None:
    await tell_followers(session, assignments)
    for assignment in assignments:
        await audit.record(
            session,
            None,
            action="assignment.import",
            subject_type="assignment",
            subject_id=str(assignment),
        )
