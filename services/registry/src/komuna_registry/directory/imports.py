"""The files that services, their licences, areas, languages and eligibility come in."""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, NameLanguage
from komuna_registry.institutions.models import Institution
from komuna_registry.intake import Table, collection
from komuna_registry.made_up import MADE_UP, SYNTHETIC_SINCE
from komuna_registry.periods import Days, presence
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow, check_days
from komuna_registry.sources.models import Source
from komuna_shared.imports import Collection, Row, RowProblem

from .models import Service, ServiceArea, ServiceEligibility, ServiceLanguage, ServiceLicense
from .particulars import ServiceCapacity, ServiceChannel, ServiceText
from .parts import Part, part, tell
from .places import ServiceAtLocation
from .rules import Audience, Eligibility, ServiceStatus, ServiceType
from .secrecy import check_institutions, check_secrecy

_WORDS = ("code", "name_sq", "name_sr_latn", "name_en")
_WAS_TOLD = "Its place has been told: only a service under a new code can be confidential."
_LICENCE_OVERLAP = "The service has another licence in that time."
Age = Annotated[int, Field(ge=0, le=120)]
SOURCE = {"source": Source.code}
OF_SERVICE = {"service": Service.code, **SOURCE}


class ServiceRow(NamedRow, DatedRow):
    """A service."""

    code: Code
    institution: Code
    type: ServiceType
    audience: Audience
    status: ServiceStatus
    is_confidential: bool
    is_synthetic: bool
    minimum_age: Age | None = None
    maximum_age: Age | None = None

    @model_validator(mode="after")
    def _check_ages(self) -> Self:
        if (self.minimum_age or 0) > (120 if self.maximum_age is None else self.maximum_age):
            raise PydanticCustomError("age_order", "The lowest age is above the highest.")
        return self

    @model_validator(mode="after")
    def _check_synthetic(self) -> Self:
        begun = presence(self.valid_from, self.valid_until).possible.lower
        if self.is_synthetic and (begun is None or begun < SYNTHETIC_SINCE):
            raise PydanticCustomError("synthetic_period", MADE_UP)
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with its names together."""
        dated = DatedRow.columns(self)
        for name in ("name_sq", "name_sr_latn", "name_en"):
            del dated[name]
        return {**dated, "names": self.names}


class LicenseRow(SourcedRow):
    """A permission to offer a service."""

    service: Code
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    issuer: Code
    valid_from: date
    valid_until: date | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_days(self.valid_from, self.valid_until)
        return self


class LanguageRow(SourcedRow):
    """A language in which people are helped."""

    service: Code
    language: NameLanguage


class EligibilityRow(SourcedRow):
    """Whom a service takes."""

    service: Code
    code: Eligibility


async def check_licenses(
    session: AsyncSession, rows: Sequence[Row[LicenseRow]]
) -> list[RowProblem]:
    """Return a problem for each licence in whose time the service has another."""
    stored = await session.execute(
        select(
            ServiceLicense.service,
            ServiceLicense.number,
            ServiceLicense.valid_from,
            ServiceLicense.valid_until,
        ).where(ServiceLicense.service.in_({row.value.service for row in rows}))
    )
    sent = {(row.value.service, row.value.number) for row in rows}
    known: defaultdict[str, list[Days]] = defaultdict(list)
    for one in stored:
        # A row of this file replaces what is stored under its number.
        if (one.service, one.number) not in sent:
            known[one.service].append(Days(one.valid_from, one.valid_until))
    problems = []
    for row in rows:
        days = Days(row.value.valid_from, row.value.valid_until)
        others = known[row.value.service]
        if any(overlap(days, other) for other in others):
            problems.append(RowProblem(row.number, "valid_from", "overlap", _LICENCE_OVERLAP))
        others.append(days)
    return problems


def overlap(one: Days, other: Days) -> bool:
    """Tell whether there is a day in both; neither is empty."""
    ends = [days.upper for days in (one, other) if days.upper is not None]
    starts = [days.lower for days in (one, other) if days.lower is not None]
    return not ends or max(starts) < min(ends)


async def check_services(
    session: AsyncSession, rows: Sequence[Row[ServiceRow]]
) -> list[RowProblem]:
    """Return a problem for each confidential service whose words or past lead to its place."""
    secret = [row for row in rows if row.value.is_confidential]
    problems = await check_secrecy(session, secret, _WORDS)
    problems += await check_institutions(session, secret)
    known = await _find_told(session, {row.value.code for row in secret})
    return problems + [
        RowProblem(row.number, "is_confidential", "confidential_place", _WAS_TOLD)
        for row in secret
        if row.value.code in known
    ]


async def _find_told(session: AsyncSession, codes: Several[str]) -> set[str]:
    """Return which of these services have rows that no confidential one may have."""
    towns = select(ServiceArea.service).where(
        ServiceArea.service.in_(codes), ServiceArea.municipality.is_not(None)
    )
    others = [
        select(table.c.service).where(table.c.service.in_(codes))
        for model in (ServiceAtLocation, ServiceChannel, ServiceText, ServiceCapacity)
        for table in (model.__table__,)
    ]
    return set(await session.scalars(towns.union(*others)))


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "services",
        ServiceRow,
        Table(
            Service,
            ("code",),
            {"institution": Institution.code, **SOURCE},
            tell("code"),
            check_services,
        ),
    ),
    part(
        "service_licenses",
        LicenseRow,
        Part(
            ServiceLicense,
            ("service", "number"),
            {**OF_SERVICE, "issuer": Institution.code},
            texts=("number",),
            check=check_licenses,
        ),
    ),
    part(
        "service_languages",
        LanguageRow,
        Part(ServiceLanguage, ("service", "language"), OF_SERVICE),
    ),
    part(
        "service_eligibility",
        EligibilityRow,
        Part(ServiceEligibility, ("service", "code"), OF_SERVICE),
    ),
)
