"""Who keeps what the register says of a municipality: its own officers, or who works for all."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.queries import load_caller
from komuna_registry.accounts.rules import Role
from komuna_registry.made_up import MadeUpMismatchError, is_made_up
from komuna_shared.access import Caller, Principal
from komuna_shared.errors import ForbiddenError
from komuna_shared.imports import Collection, Counts, Row, RowProblem, RowsRefusedError
from komuna_shared.tables import import_job

OFFICERS = frozenset({Role.MUNICIPAL_OFFICER.value, Role.MUNICIPAL_ADMIN.value})
FOR_ALL = frozenset({Role.COORDINATOR.value, Role.OPS.value})
NOT_YOURS = "This belongs to another municipality, whose own officers change it."


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom a row concerns: all whose own it is, and whether what it says or changes is made up."""

    municipalities: set[str | None]
    origins: set[bool]


Concerns = Callable[[AsyncSession, Sequence[Row[Any]]], Awaitable[Sequence[Concern]]]


class NotYoursError(ForbiddenError):
    """It is another municipality's, and everybody may know that it is there."""

    code = "not_yours"
    detail = NOT_YOURS


class NotYourInstitutionError(NotYoursError):
    """It is another institution's, and everybody may know that it is there."""

    detail = "This belongs to another institution, whose own administrators change it."


def works_for_all(caller: Caller) -> bool:
    """Tell whether the caller keeps the register for every municipality."""
    return bool(caller.roles & FOR_ALL)


def may_keep(caller: Caller, municipality: str | None) -> bool:
    """Tell whether the caller may change what concerns this municipality; None is nobody's own."""
    if works_for_all(caller):
        return True
    return municipality is not None and any(
        caller.has(role, municipality=municipality) for role in OFFICERS
    )


def check_may_keep(caller: Caller, municipalities: Iterable[str | None]) -> None:
    """Raise `NotYoursError` unless the caller may change what concerns each of these."""
    if not all(may_keep(caller, one) for one in municipalities):
        raise NotYoursError


def check_may_keep_one(
    caller: Caller, *, municipality: str | None = None, institution: str | None = None
) -> None:
    """Raise `NotYoursError` unless the caller may change what this owner keeps, either of the two.

    An institution's own are its administrators.
    """
    if institution is None:
        check_may_keep(caller, [municipality])
    elif not (
        works_for_all(caller) or caller.has(Role.INSTITUTION_ADMIN.value, institution=institution)
    ):
        raise NotYourInstitutionError


async def load_sender(session: AsyncSession, import_id: UUID) -> Caller:
    """Return whoever sent a file, in the roles held today."""
    table = import_job.c
    sent = await session.execute(
        select(table.issuer, table.subject, table.client_id).where(table.id == import_id)
    )
    one = sent.one()
    sender = Principal(one.issuer, one.subject, one.client_id, frozenset(), "", 0)
    return await load_caller(session, sender)


def kept_by_owners(
    collection: Collection[Any], column: str, find_concerns: Concerns
) -> Collection[Any]:
    """Return the collection open to officers as well, each row to those whose own it concerns.

    Officers of the demonstration send made-up rows only, and real ones real rows; `column` is where
    a row of somebody else's shows its problem.
    """

    async def apply(session: AsyncSession, rows: Sequence[Row[Any]], import_id: UUID) -> Counts:
        sender = await load_sender(session, import_id)
        if not works_for_all(sender):
            made_up = await is_made_up(session, sender)
            concerned = await find_concerns(session, rows)
            problems = [
                problem
                for row, concern in zip(rows, concerned, strict=True)
                if (problem := _judge(sender, concern, row.number, column, is_made_up=made_up))
            ]
            if problems:
                raise RowsRefusedError(problems)
        return await collection.apply(session, rows, import_id)

    return replace(collection, apply=apply, roles=collection.roles | OFFICERS)


def _judge(
    sender: Caller, concern: Concern, row: int, column: str, *, is_made_up: bool
) -> RowProblem | None:
    slugs = concern.municipalities
    if not slugs or not all(may_keep(sender, slug) for slug in slugs):
        return RowProblem(row, column, NotYoursError.code, NOT_YOURS)
    if concern.origins - {is_made_up}:
        return RowProblem(row, column, MadeUpMismatchError.code, MadeUpMismatchError.detail)
    return None
