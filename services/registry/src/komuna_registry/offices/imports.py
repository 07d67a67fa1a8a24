"""The files that offices and holders come in."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, Locator
from komuna_registry.institutions.models import Institution
from komuna_registry.intake import Table, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import findable
from komuna_registry.rows import NamedRow, SourcedRow
from komuna_registry.sources.models import Source
from komuna_shared.imports import Row, RowProblem

from . import telling
from .inputs import Name
from .models import (
    LONGEST_NAME_WORDS,
    LONGEST_WORDS,
    Holder,
    Office,
    OfficeKind,
    OfficePublication,
)
from .rules import KindOwnerError, Sex, may_own
from .tenures import TENURES

_SOURCE = {"source": Source.code}
_Period = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z/-]+$", max_length=50)]


class KindRow(NamedRow):
    """A kind of office."""

    code: Code


class PublicationRow(SourcedRow):
    """Where indicators hold a published total of a kind."""

    kind: Code
    indicator: Code
    period: _Period


class OfficeRow(NamedRow):
    """An office of an institution or of a municipality."""

    code: Code
    kind: Code
    institution: Code | None = None
    municipality: Code | None = None
    seats: int = Field(default=1, ge=1, le=500)

    @model_validator(mode="after")
    def _check_owner(self) -> Self:
        if (self.institution is None) == (self.municipality is None):
            raise PydanticCustomError(
                "one_owner", "An office belongs to one institution or one municipality."
            )
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the words it is found by."""
        return {**super().columns(), "words": findable(self.names.values(), LONGEST_WORDS)}


class HolderRow(SourcedRow):
    """A person known for a public office."""

    code: Code
    name: Name
    sex: Sex | None = None
    sex_source: Code | None = None
    sex_locator: Locator | None = None
    community: Code | None = None
    community_source: Code | None = None
    community_locator: Locator | None = None

    @model_validator(mode="after")
    def _check_sourced(self) -> Self:
        for said in (
            (self.sex, self.sex_source, self.sex_locator),
            (self.community, self.community_source, self.community_locator),
        ):
            if len({one is None for one in said}) > 1:
                raise PydanticCustomError(
                    "missing_value", "What is said of a person needs its source and its place."
                )
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the words it is found by."""
        return {**super().columns(), "words": findable([self.name], LONGEST_NAME_WORDS)}


async def _check_kinds(_: AsyncSession, rows: Sequence[Row[OfficeRow]]) -> list[RowProblem]:
    return [
        RowProblem(row.number, "kind", KindOwnerError.code, KindOwnerError.detail)
        for row in rows
        if not may_own(row.value.kind, is_municipality=row.value.municipality is not None)
    ]


COLLECTIONS = (
    collection(
        "office_kinds",
        KindRow,
        Table(OfficeKind, ("code",), _SOURCE, telling.tell_kinds),
    ),
    collection(
        "office_publications",
        PublicationRow,
        Table(
            OfficePublication,
            ("kind", "indicator", "period"),
            {"kind": OfficeKind.code, **_SOURCE},
            telling.tell_publications,
        ),
    ),
    collection(
        "offices",
        OfficeRow,
        Table(
            Office,
            ("code",),
            {
                "kind": OfficeKind.code,
                "institution": Institution.code,
                "municipality": Municipality.slug,
                **_SOURCE,
            },
            telling.tell_offices,
            _check_kinds,
        ),
    ),
    collection(
        "holders",
        HolderRow,
        Table(
            Holder,
            ("code",),
            {"sex_source": Source.code, "community_source": Source.code, **_SOURCE},
            telling.tell_holders,
        ),
    ),
    TENURES,
)
