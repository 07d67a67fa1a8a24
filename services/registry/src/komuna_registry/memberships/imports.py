"""The file that memberships in bodies come in."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate
from komuna_registry.institutions import closing
from komuna_registry.institutions.models import Institution, Membership
from komuna_registry.institutions.rules import MemberFunction
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.offices.models import Holder
from komuna_registry.periods import PeriodOrderError
from komuna_registry.rows import SourcedRow, check_order
from komuna_registry.sources.models import Source
from komuna_registry.tables import ranges
from komuna_shared.imports import Collection, Row, RowProblem


class MembershipRow(SourcedRow):
    """An institution, a municipality or a person belongs to a body."""

    body: Code
    institution: Code | None = None
    municipality: Code | None = None
    holder: Code | None = None
    function: MemberFunction
    since: ImpreciseDate | None = None
    until: ImpreciseDate | None = None
    attested_on: ImpreciseDate | None = None

    @model_validator(mode="after")
    def _check_member(self) -> Self:
        named = [one for one in (self.institution, self.municipality, self.holder) if one]
        if len(named) != 1 or self.institution == self.body:
            raise PydanticCustomError(
                "one_member", "A member is one institution, municipality or person, not the body."
            )
        if self.since is None and self.attested_on is None:
            raise PydanticCustomError(
                "missing_value", "A membership needs its beginning, or a day on which it was seen."
            )
        check_order(self.since, self.until, self.attested_on)
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the ranges that its dates stand for."""
        held = periods.presence(self.since, self.until, self.attested_on)
        return {**self.model_dump(), **ranges(held)}


async def _check_ends(
    session: AsyncSession, rows: Sequence[Row[MembershipRow]]
) -> list[RowProblem]:
    named = {code for row in rows for code in (row.value.body, row.value.institution)} - {None}
    found = await session.execute(
        select(Institution.code, Institution.valid_until).where(
            Institution.code.in_(named), Institution.valid_until.is_not(None)
        )
    )
    ended = {one.code: one.valid_until for one in found}
    return [
        RowProblem(row.number, "body", "period_order", closing.OUTLIVES)
        for row in rows
        if any(
            code in ended and not _fits(row.value, ended[code])
            for code in (row.value.body, row.value.institution)
        )
    ]


def _fits(row: MembershipRow, ended: str) -> bool:
    try:
        closing.end_with(ended, since=row.since, until=row.until, attested_on=row.attested_on)
    except PeriodOrderError:
        return False
    return True


async def _tell(session: AsyncSession, written: Written) -> None:
    await closing.tell_memberships(session, [row["id"] for row in written])
    # A file does not bring back to life what ended with its body or its member.
    await closing.close_memberships(session, {row["body"] for row in written})


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "memberships",
        MembershipRow,
        Table(
            Membership,
            ("body", "institution", "municipality", "holder", "function", "since", "attested_on"),
            {
                "body": Institution.code,
                "institution": Institution.code,
                "municipality": Municipality.slug,
                "holder": Holder.code,
                "source": Source.code,
            },
            _tell,
            _check_ends,
        ),
    ),
)
