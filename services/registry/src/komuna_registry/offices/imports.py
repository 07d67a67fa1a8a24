"""The files that offices, holders and tenures come in."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, Locator, Text
from komuna_registry.institutions.models import Institution
from komuna_registry.intake import After, Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.naming import normalise
from komuna_registry.periods import Days
from komuna_registry.rows import NamedRow, SourcedRow, check_order
from komuna_registry.sources.models import Source
from komuna_registry.tables import ranges, read_days
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Row, RowProblem

from .models import Holder, Office, OfficeKind, Tenure
from .rules import Sex

_OVERLAP = "Somebody else certainly holds this seat in that time."
_SOURCE = {"source": Source.code}


class KindRow(NamedRow):
    """A kind of office."""

    code: Code


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
        words = " ".join(normalise(name) for name in self.names.values())
        return {**super().columns(), "words": words}


class HolderRow(SourcedRow):
    """A person known for a public office."""

    code: Code
    name: Text
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
        return {**super().columns(), "words": normalise(self.name)}


class TenureRow(SourcedRow):
    """Somebody held a seat of an office."""

    office: Code
    seat: int = Field(default=1, ge=1)
    holder: Code
    since: ImpreciseDate | None = None
    until: ImpreciseDate | None = None
    attested_on: ImpreciseDate | None = None
    is_acting: bool | None = None

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.since is None and self.attested_on is None:
            raise PydanticCustomError(
                "missing_value", "A tenure needs its beginning, or a day on which it was seen."
            )
        check_order(self.since, self.until, self.attested_on)
        return self

    @property
    def presence(self) -> periods.Presence:
        """When the seat was certainly and when it was possibly held."""
        return periods.presence(self.since, self.until, self.attested_on)

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the ranges that its dates stand for."""
        stored = {**self.model_dump(), "is_acting": bool(self.is_acting)}
        return {**stored, **ranges(self.presence)}


async def check_tenures(session: AsyncSession, rows: Sequence[Row[TenureRow]]) -> list[RowProblem]:
    """Return a problem for each tenure whose certain days somebody else holds for certain."""
    offices = {row.value.office for row in rows}
    stored = await session.execute(
        select(Tenure.office, Tenure.seat, Tenure.holder, Tenure.certain).where(
            Tenure.office.in_(offices)
        )
    )
    held: defaultdict[tuple[str, int], list[tuple[str, Days]]] = defaultdict(list)
    for one in stored:
        held[one.office, one.seat].append((one.holder, read_days(one.certain)))
    problems = []
    for row in rows:
        tenure, days = row.value, row.value.presence.certain
        others = held[tenure.office, tenure.seat]
        if any(holder != tenure.holder and _overlap(days, known) for holder, known in others):
            problems.append(RowProblem(row.number, "since", "tenure_overlap", _OVERLAP))
        others.append((tenure.holder, days))
    return problems


def _overlap(one: Days, other: Days) -> bool:
    if one.is_empty or other.is_empty:
        return False
    starts = [days.lower for days in (one, other) if days.lower is not None]
    ends = [days.upper for days in (one, other) if days.upper is not None]
    return not starts or not ends or max(starts) < min(ends)


def _tell(kind: str, key: str, columns: Sequence[str]) -> After:
    async def tell(session: AsyncSession, written: Written) -> None:
        await publish_all(
            session,
            [
                Change(kind, str(row[key]), row["version"], {name: row[name] for name in columns})
                for row in written
            ],
        )

    return tell


COLLECTIONS = (
    collection(
        "office_kinds",
        KindRow,
        Table(OfficeKind, ("code",), _SOURCE, _tell("office_kind", "code", ("code", "names"))),
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
            _tell(
                "office",
                "code",
                ("code", "kind", "institution", "municipality", "names", "seats"),
            ),
        ),
    ),
    collection(
        "holders",
        HolderRow,
        Table(
            Holder,
            ("code",),
            {
                "sex_source": Source.code,
                "community_source": Source.code,
                **_SOURCE,
            },
            _tell("holder", "code", ("code", "name", "sex", "community")),
        ),
    ),
    collection(
        "tenures",
        TenureRow,
        Table(
            Tenure,
            ("office", "seat", "holder", "since", "attested_on"),
            {
                "office": Office.code,
                "holder": Holder.code,
                **_SOURCE,
            },
            _tell(
                "tenure",
                "id",
                (
                    *("office", "seat", "holder", "since", "until"),
                    *("attested_on", "is_acting", "source", "locator"),
                ),
            ),
            check_tenures,
        ),
    ),
)
