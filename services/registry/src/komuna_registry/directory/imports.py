"""The files that services, their licences, areas, languages and eligibility come in."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, NameLanguage
from komuna_registry.institutions.models import Institution
from komuna_registry.intake import After, Table, Written, collection
from komuna_registry.periods import Days, presence
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow, check_days
from komuna_registry.sources.models import Source
from komuna_shared.changes import publish_all
from komuna_shared.imports import Row, RowProblem

from .models import Service, ServiceEligibility, ServiceLanguage, ServiceLicense
from .queries import load_said
from .rules import Audience, Eligibility, ServiceStatus, ServiceType
from .telling import as_change

_LICENCE_OVERLAP = "The service has another licence in that time."
_SYNTHETIC = date(2026, 1, 1)
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

    @model_validator(mode="after")
    def _check_synthetic(self) -> Self:
        begun = presence(self.valid_from, self.valid_until).possible.lower
        if self.is_synthetic and (begun is None or begun < _SYNTHETIC):
            raise PydanticCustomError("synthetic_period", "Made-up data begins in 2026.")
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


def tell(column: str) -> After:
    """Return what tells the followers of each service whose rows were written."""

    async def tell_services(session: AsyncSession, written: Written) -> None:
        changed = (
            update(Service)
            .where(Service.code.in_(sorted({row[column] for row in written})))
            .values(version=Service.version + 1)
            .returning(*Service.__table__.c)
        )
        rows = (await session.execute(changed)).all()
        said = await load_said(session, sorted(rows, key=lambda row: str(row.code)))
        await publish_all(session, [as_change(one) for one in said])

    return tell_services


COLLECTIONS = (
    collection(
        "services",
        ServiceRow,
        Table(Service, ("code",), {"institution": Institution.code, **SOURCE}, tell("code")),
    ),
    collection(
        "service_licenses",
        LicenseRow,
        Table(
            ServiceLicense,
            ("service", "number"),
            {**OF_SERVICE, "issuer": Institution.code},
            tell("service"),
            check_licenses,
        ),
    ),
    collection(
        "service_languages",
        LanguageRow,
        Table(ServiceLanguage, ("service", "language"), OF_SERVICE, tell("service")),
    ),
    collection(
        "service_eligibility",
        EligibilityRow,
        Table(ServiceEligibility, ("service", "code"), OF_SERVICE, tell("service")),
    ),
)
