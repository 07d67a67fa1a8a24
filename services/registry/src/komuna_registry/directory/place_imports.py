"""The files that the places, hours, channels, costs and texts of services come in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.institutions.models import Institution
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_shared.imports import Collection, Row, RowProblem

from .imports import OF_SERVICE, SOURCE
from .models import Service
from .particulars import (
    InstitutionChannel,
    ServiceCapacity,
    ServiceChannel,
    ServiceCost,
    ServiceSchedule,
    ServiceText,
)
from .parts import Part, part, renew
from .place_rows import (
    AccessibilityRow,
    AtLocationRow,
    CapacityRow,
    CostRow,
    InstitutionChannelRow,
    LocationRow,
    ScheduleRow,
    ServiceChannelRow,
    TextRow,
)
from .places import Location, LocationAccessibility, ServiceAtLocation

_NOWHERE = "The service is not given at that place."


async def _check_places(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    """Return a problem for each row about a place at which its service is not given."""
    table = ServiceAtLocation.__table__
    found = await session.execute(
        select(table.c.service, table.c.location).where(
            table.c.service.in_({row.value.service for row in rows})
        )
    )
    known = {(one.service, one.location) for one in found}
    return [
        RowProblem(row.number, "location", "unknown_reference", _NOWHERE)
        for row in rows
        if row.value.location is not None and (row.value.service, row.value.location) not in known
    ]


async def _tell_of_locations(session: AsyncSession, written: Written) -> None:
    codes = {row.get("location", row.get("code")) for row in written}
    given = select(ServiceAtLocation.service).where(ServiceAtLocation.location.in_(codes))
    await renew(session, Service.code.in_(given))


async def _tell_of_institutions(session: AsyncSession, written: Written) -> None:
    await renew(session, Service.institution.in_({row["institution"] for row in written}))


_SCHEDULE_KEYS = ("service", "location", "freq", "byday", "bymonthday", "opens_at", "attending")
_AT_PLACE = {**OF_SERVICE, "location": Location.code}

COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "locations",
        LocationRow,
        Table(
            Location,
            ("code",),
            {"municipality": Municipality.slug, **SOURCE},
            _tell_of_locations,
        ),
    ),
    collection(
        "location_accessibility",
        AccessibilityRow,
        Table(
            LocationAccessibility,
            ("location", "feature"),
            {"location": Location.code, **SOURCE},
            _tell_of_locations,
        ),
    ),
    part(
        "service_at_locations",
        AtLocationRow,
        Part(ServiceAtLocation, ("service", "location"), _AT_PLACE, refused="service"),
    ),
    part(
        "service_schedules",
        ScheduleRow,
        Part(ServiceSchedule, _SCHEDULE_KEYS, _AT_PLACE, refused="location", check=_check_places),
    ),
    part(
        "service_channels",
        ServiceChannelRow,
        Part(
            ServiceChannel,
            ("service", "kind", "value"),
            _AT_PLACE,
            refused="service",
            check=_check_places,
        ),
    ),
    collection(
        "institution_channels",
        InstitutionChannelRow,
        Table(
            InstitutionChannel,
            ("institution", "kind", "value"),
            {"institution": Institution.code, **SOURCE},
            _tell_of_institutions,
        ),
    ),
    part(
        "service_costs", CostRow, Part(ServiceCost, ("service", "option", "valid_from"), OF_SERVICE)
    ),
    part(
        "service_texts",
        TextRow,
        Part(ServiceText, ("service", "kind", "language"), OF_SERVICE, refused="service"),
    ),
    part(
        "service_capacities",
        CapacityRow,
        Part(ServiceCapacity, ("service", "unit"), OF_SERVICE, refused="service"),
    ),
)
