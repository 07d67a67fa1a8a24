"""Whether a service may take somebody on a day, for a service that is about to ask it."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.tables import read_days

from .models import Service
from .queries import find_licence, is_valid, load_said
from .rules import ServiceNotFoundError, ServiceStatus
from .schemas import StandingOut


async def get_standing(connection: AsyncConnection, code: str, on: date) -> StandingOut:
    """Return how any service stands on a day, whoever may know of it; or raise."""
    rows = await connection.execute(select(Service.__table__).where(Service.code == code))
    found = await load_said(connection, rows.all())
    if not found:
        raise ServiceNotFoundError
    row, licences = found[0].row, found[0].licences
    licence = find_licence(licences, on)
    is_licensed = licence is not None and is_valid(licence, on)
    return StandingOut(
        service=row.code,
        institution=row.institution,
        type=row.type,
        on=on,
        is_active=row.status is ServiceStatus.ACTIVE and read_days(row.certain).holds(on),
        is_licensed=is_licensed,
        licence_until=licence.valid_until if licence is not None and is_licensed else None,
        is_synthetic=row.is_synthetic,
    )
