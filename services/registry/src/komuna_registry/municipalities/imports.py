"""The files that municipalities and everything said about them come in."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, ImpreciseDate, LongText, NameLanguage, Text
from komuna_registry.intake import After, Table, Written, collection
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow
from komuna_registry.secrecy import guards_places
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all

from .models import (
    Municipality,
    MunicipalityAlias,
    MunicipalityCode,
    MunicipalityName,
    MunicipalityPopulation,
    MunicipalityRegion,
    MunicipalitySuccession,
    Region,
)
from .operations import renew_frame, tell_changed
from .rules import AliasKind, CountMethod, NameForm

_SOURCE = {"source": Source.code}
_MUNICIPALITY = {"municipality": Municipality.slug, **_SOURCE}


class MunicipalityRow(DatedRow):
    """A municipality."""

    slug: Code
    note: LongText | None = None


class NameRow(SourcedRow):
    """A name in one language and form."""

    municipality: Code
    language: NameLanguage
    form: NameForm
    text: Text


class CodeRow(DatedRow):
    """A number in one scheme."""

    municipality: Code
    scheme: Code
    code: Text
    is_verified: bool


class AliasRow(DatedRow):
    """A spelling in one source."""

    municipality: Code
    text: Text
    kind: AliasKind
    note: LongText | None = None


class RegionRow(NamedRow):
    """A region of one scheme."""

    code: Code
    scheme: Code


class RegionMemberRow(SourcedRow):
    """A municipality lies in a region."""

    municipality: Code
    region: Code


class PopulationRow(SourcedRow):
    """A figure of one publication, or that it has none."""

    municipality: Code
    vintage: Text
    method: CountMethod | None = None
    persons: int | None = Field(default=None, ge=0)
    note: LongText | None = None

    @model_validator(mode="after")
    def _check_counted(self) -> Self:
        is_uncounted = self.method in {None, CountMethod.NOT_ENUMERATED}
        if is_uncounted != (self.persons is None):
            raise PydanticCustomError(
                "missing_value", "A figure needs its method, and a method its figure."
            )
        return self


class SuccessionRow(SourcedRow):
    """One municipality came out of another."""

    predecessor: Code
    successor: Code
    happened_on: ImpreciseDate | None = None


def _tell(*columns: str) -> After:
    async def tell(session: AsyncSession, written: Written) -> None:
        await tell_changed(session, {row[column] for row in written for column in columns})

    return tell


async def _tell_regions(session: AsyncSession, written: Written) -> None:
    await renew_frame(session)
    await publish_all(
        session,
        [
            Change(
                "region",
                row["code"],
                row["version"],
                {"code": row["code"], "scheme": row["scheme"], "names": row["names"]},
            )
            for row in written
        ],
    )


COLLECTIONS = (
    collection("regions", RegionRow, Table(Region, ("code",), _SOURCE, _tell_regions)),
    collection(
        "municipalities", MunicipalityRow, Table(Municipality, ("slug",), _SOURCE, _tell("slug"))
    ),
    collection(
        "municipality_names",
        NameRow,
        Table(
            MunicipalityName,
            ("municipality", "language", "form"),
            _MUNICIPALITY,
            _tell("municipality"),
            guards_places("text"),
        ),
    ),
    collection(
        "municipality_codes",
        CodeRow,
        Table(MunicipalityCode, ("scheme", "code"), _MUNICIPALITY, _tell("municipality")),
    ),
    collection(
        "municipality_aliases",
        AliasRow,
        Table(
            MunicipalityAlias,
            ("municipality", "text", "source"),
            _MUNICIPALITY,
            _tell("municipality"),
            guards_places("text"),
        ),
    ),
    collection(
        "municipality_regions",
        RegionMemberRow,
        Table(
            MunicipalityRegion,
            ("municipality", "region"),
            {**_MUNICIPALITY, "region": Region.code},
            _tell("municipality"),
        ),
    ),
    collection(
        "municipality_populations",
        PopulationRow,
        Table(
            MunicipalityPopulation,
            ("municipality", "vintage"),
            _MUNICIPALITY,
            _tell("municipality"),
        ),
    ),
    collection(
        "municipality_successions",
        SuccessionRow,
        Table(
            MunicipalitySuccession,
            ("predecessor", "successor"),
            {
                "predecessor": Municipality.slug,
                "successor": Municipality.slug,
                **_SOURCE,
            },
            _tell("predecessor", "successor"),
        ),
    ),
)
