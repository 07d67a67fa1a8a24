"""The files that institutions and everything said about them come in."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, ImpreciseDate, Locator, NameLanguage
from komuna_registry.intake import After, Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import findable
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow
from komuna_registry.secrecy import guards_institutions
from komuna_registry.sources.models import Source
from komuna_shared.imports import Row, RowProblem

from . import closing
from .inputs import OneName
from .models import Institution, InstitutionName, InstitutionParent, InstitutionSuccession
from .rules import InstitutionKind, NameForm
from .telling import tell_changed

_SOURCE = {"source": Source.code}
_INSTITUTION = {"institution": Institution.code, **_SOURCE}


class InstitutionRow(NamedRow, DatedRow):
    """An institution."""

    code: Code
    kind: InstitutionKind
    municipality: Code | None = None
    until_source: Code | None = None
    until_locator: Locator | None = None

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        named = (self.until_source, self.until_locator)
        if len({one is None for one in named}) > 1 or (named[0] and self.valid_until is None):
            raise PydanticCustomError(
                "missing_value", "The end of an institution needs its source and its place."
            )
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the words it is found by."""
        dated = DatedRow.columns(self)
        for name in ("name_sq", "name_sr_latn", "name_en"):
            del dated[name]
        return {**dated, "names": self.names, "words": findable(self.names.values(), 1000)}


class InstitutionNameRow(DatedRow):
    """A name, abbreviation or misspelling."""

    institution: Code
    language: NameLanguage
    form: NameForm
    text: OneName

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the words it is found by."""
        return {**super().columns(), "words": findable([self.text], 500)}


class ParentRow(DatedRow):
    """An institution belongs to another."""

    institution: Code
    parent: Code


class SuccessionRow(SourcedRow):
    """One institution took over from another."""

    predecessor: Code
    successor: Code
    happened_on: ImpreciseDate | None = None


def _tell(*columns: str) -> After:
    async def tell(session: AsyncSession, written: Written) -> None:
        await tell_changed(session, {row[column] for row in written for column in columns})

    return tell


_keep_secret = guards_institutions("code", "municipality", "name_sq", "name_sr_latn", "name_en")


async def _check_institutions(
    session: AsyncSession, rows: Sequence[Row[InstitutionRow]]
) -> list[RowProblem]:
    return await _keep_secret(session, rows) + await _check_ends(session, rows)


async def _check_ends(
    session: AsyncSession, rows: Sequence[Row[InstitutionRow]]
) -> list[RowProblem]:
    ends = {row.value.code: row for row in rows if row.value.valid_until is not None}
    found = await closing.find_memberships(session, ends)
    late = {
        code
        for one in found
        for code in {one.body, one.institution} & set(ends)
        if not closing.can_end(one, str(ends[code].value.valid_until))
    }
    return [
        RowProblem(ends[code].number, "valid_until", "period_order", closing.OUTLIVES)
        for code in sorted(late)
    ]


async def _tell_institutions(session: AsyncSession, written: Written) -> None:
    await closing.close_memberships(session, {row["code"] for row in written})
    await _tell("code")(session, written)


COLLECTIONS = (
    collection(
        "institutions",
        InstitutionRow,
        Table(
            Institution,
            ("code",),
            {"municipality": Municipality.slug, "until_source": Source.code, **_SOURCE},
            _tell_institutions,
            _check_institutions,
        ),
    ),
    collection(
        "institution_names",
        InstitutionNameRow,
        Table(
            InstitutionName,
            ("institution", "language", "form", "text"),
            _INSTITUTION,
            _tell("institution"),
            guards_institutions("institution", "text"),
        ),
    ),
    collection(
        "institution_parents",
        ParentRow,
        Table(
            InstitutionParent,
            ("institution", "parent"),
            {**_INSTITUTION, "parent": Institution.code},
            _tell("institution"),
        ),
    ),
    collection(
        "institution_successions",
        SuccessionRow,
        Table(
            InstitutionSuccession,
            ("predecessor", "successor"),
            {
                "predecessor": Institution.code,
                "successor": Institution.code,
                **_SOURCE,
            },
            _tell("predecessor", "successor"),
        ),
    ),
)
