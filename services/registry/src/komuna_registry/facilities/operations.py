"""What changes buildings: they are registered and corrected by those whose municipality it is."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.history.acting import acting
from komuna_registry.keeping import check_may_keep
from komuna_registry.made_up import (
    SYNTHETIC_SINCE,
    SyntheticPeriodError,
    check_origin,
    is_made_up,
)
from komuna_registry.municipalities.frame import Frame
from komuna_registry.names import merge_names
from komuna_registry.periods import Days
from komuna_registry.recording import (
    check_municipalities,
    make_code,
    rest,
)
from komuna_registry.tables import ranges, read_days
from komuna_shared import audit, outbox
from komuna_shared.access import Caller

from .models import Facility, FacilitySurvey
from .rules import FacilityNotFoundError, SurveyOutOfTimeError, find_broken_end
from .telling import tell_facilities
from .writing import FacilityChangeIn, FacilityIn


async def create_facility(
    session: AsyncSession, caller: Caller, frame: Frame, wanted: FacilityIn
) -> str:
    """Register a building, and return its code; of whoever is made up it is made up, too."""
    check_municipalities(frame, [("/municipality", wanted.municipality)])
    check_may_keep(caller, [wanted.municipality])
    is_synthetic = await is_made_up(session, caller)
    await acting(session, caller.principal)
    words = (wanted.municipality, next(iter(wanted.names.values())))
    code = wanted.code or make_code(*words, is_synthetic=is_synthetic)
    begun = wanted.valid_from or (SYNTHETIC_SINCE.isoformat() if is_synthetic else None)
    facility = Facility(
        code=code,
        municipality=wanted.municipality,
        kind=wanted.kind,
        names=dict(wanted.names),
        settlement=wanted.settlement,
        valid_until=wanted.valid_until,
        is_synthetic=is_synthetic,
    )
    _date(facility, begun, wanted.valid_until)
    await rest(session, facility, wanted.municipality, frame.names_of(wanted.municipality), wanted)
    session.add(facility)
    await session.flush()
    await tell(session, caller, code, "facility.create")
    return code


async def lock_facility(session: AsyncSession, caller: Caller, code: str) -> Facility:
    """Return a building that the caller may change, held until the request ends."""
    facility = await session.get(Facility, code, with_for_update=True)
    if facility is None:
        raise FacilityNotFoundError
    check_may_keep(caller, [facility.municipality])
    await check_origin(session, caller, is_synthetic=facility.is_synthetic)
    return facility


async def update_facility(
    session: AsyncSession,
    caller: Caller,
    frame: Frame,
    facility: Facility,
    wanted: FacilityChangeIn,
) -> None:
    """Correct a building that `lock_facility` returned."""
    await acting(session, caller.principal)
    sent = wanted.model_fields_set
    if wanted.kind is not None:
        facility.kind = wanted.kind
    if "names" in sent:
        facility.names = merge_names(facility.names, wanted.names)
    if "settlement" in sent:
        facility.settlement = wanted.settlement
    if sent & {"valid_from", "valid_until"}:
        begun = wanted.valid_from if "valid_from" in sent else facility.valid_from
        ended = wanted.valid_until if "valid_until" in sent else facility.valid_until
        at = "/valid_until" if "valid_until" in sent else "/valid_from"
        _date(facility, begun, ended, at=at)
        await _check_surveys(session, facility)
    await rest(
        session, facility, facility.municipality, frame.names_of(facility.municipality), wanted
    )
    await session.flush()
    await tell(session, caller, facility.code, "facility.update")


async def _check_surveys(session: AsyncSession, facility: Facility) -> None:
    """Raise where the building would not have stood when a survey was made of it."""
    beyond = await find_beyond(session, {facility.code: read_days(facility.possible)})
    for end in beyond.values():
        raise SurveyOutOfTimeError(f"/{end}")


async def find_beyond(session: AsyncSession, stood: Mapping[str, Days]) -> dict[str, str]:
    """Return for each of these buildings beyond which of its ends a survey of it was made."""
    with session.no_autoflush:
        made = await session.execute(
            select(
                FacilitySurvey.facility, FacilitySurvey.first_day, FacilitySurvey.last_day
            ).where(FacilitySurvey.facility.in_(stood))
        )
    found = ((code, find_broken_end(stood[code], first, last)) for code, first, last in made)
    return {code: end for code, end in found if end is not None}


async def tell(session: AsyncSession, caller: Caller, code: str, action: str) -> None:
    """Publish the building, and record who changed it."""
    versions = await tell_facilities(session, [code])
    await outbox.emit(session, f"registry.{action}", code, versions[code])
    await audit.record(
        session, caller.principal, action=action, subject_type="facility", subject_id=code
    )


def _date(
    facility: Facility, begun: str | None, ended: str | None, *, at: str = "/valid_until"
) -> None:
    held = periods.presence(begun, ended, at=at)
    lower = held.possible.lower
    if facility.is_synthetic and (lower is None or lower < SYNTHETIC_SINCE):
        raise SyntheticPeriodError("/valid_from")
    facility.valid_from, facility.valid_until = begun, ended
    for name, days in ranges(held).items():
        setattr(facility, name, days)
