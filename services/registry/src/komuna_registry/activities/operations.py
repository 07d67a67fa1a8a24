"""What changes activities: they are recorded and corrected by those whose municipality it is."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.history.acting import acting
from komuna_registry.institutions.called import find_names
from komuna_registry.keeping import check_may_keep
from komuna_registry.made_up import (
    SYNTHETIC_SINCE,
    SyntheticPeriodError,
    check_origin,
    is_made_up,
)
from komuna_registry.municipalities.frame import Frame
from komuna_registry.names import merge_names
from komuna_registry.recording import (
    check_institutions,
    check_municipalities,
    make_code,
    rest,
)
from komuna_shared import audit, outbox
from komuna_shared.access import Caller

from . import parts
from .models import Activity
from .rules import ActivityNotFoundError
from .spans import read_days
from .telling import tell_activities
from .writing import ActivityChangeIn, ActivityIn

_NULLABLE = frozenset({"topic", "note"})
_PLAIN = frozenset({"topic", "note", "kind", "extent"})


async def create_activity(
    session: AsyncSession, caller: Caller, frame: Frame, wanted: ActivityIn
) -> str:
    """Record an activity, and return its code; of whoever is made up it is made up, too."""
    await _check_named(session, frame, wanted)
    check_may_keep(caller, [wanted.keeper, *wanted.municipalities])
    await acting(session, caller.principal)
    is_synthetic = await is_made_up(session, caller)
    words = (wanted.keeper or "", wanted.period, next(iter(wanted.names.values())))
    activity = Activity(
        code=wanted.code or make_code(*words, is_synthetic=is_synthetic),
        names=dict(wanted.names),
        keeper=wanted.keeper,
        is_synthetic=is_synthetic,
        **{name: getattr(wanted, name) for name in _PLAIN},
    )
    _date(activity, wanted.period)
    await rest(session, activity, *await _issuer(session, caller, frame, wanted.keeper), wanted)
    session.add(activity)
    await session.flush()
    await parts.replace_parts(session, activity, wanted)
    await _tell(session, caller, activity.code, "activity.create")
    return activity.code


async def lock_activity(session: AsyncSession, caller: Caller, code: str) -> Activity:
    """Return an activity that the caller may change, held until the request ends."""
    activity = await session.get(Activity, code, with_for_update=True)
    if activity is None:
        raise ActivityNotFoundError
    check_may_keep(caller, [activity.keeper])
    await check_origin(session, caller, is_synthetic=activity.is_synthetic)
    return activity


async def update_activity(
    session: AsyncSession,
    caller: Caller,
    frame: Frame,
    activity: Activity,
    wanted: ActivityChangeIn,
) -> None:
    """Correct an activity that `lock_activity` returned."""
    await _check_named(session, frame, wanted)
    check_may_keep(caller, [activity.keeper, *(wanted.municipalities or ())])
    await acting(session, caller.principal)
    for name in wanted.model_fields_set & _PLAIN:
        value = getattr(wanted, name)
        if value is not None or name in _NULLABLE:
            setattr(activity, name, value)
    if "names" in wanted.model_fields_set:
        activity.names = merge_names(activity.names, wanted.names)
    if wanted.period is not None:
        _date(activity, wanted.period)
    await rest(session, activity, *await _issuer(session, caller, frame, activity.keeper), wanted)
    await session.flush()
    await parts.replace_parts(session, activity, wanted)
    await _tell(session, caller, activity.code, "activity.update")


async def _check_named(
    session: AsyncSession, frame: Frame, wanted: ActivityIn | ActivityChangeIn
) -> None:
    places = [(f"/municipalities/{n}", one) for n, one in enumerate(wanted.municipalities or ())]
    if isinstance(wanted, ActivityIn):
        places.append(("/keeper", wanted.keeper or ""))
    parties = list(enumerate(wanted.parties or ()))
    of_parties = [(f"/parties/{n}/municipality", one.municipality) for n, one in parties]
    check_municipalities(frame, [(at, slug or None) for at, slug in (*places, *of_parties)])
    named = [(f"/parties/{n}/institution", one.institution) for n, one in parties]
    await check_institutions(session, named)


async def _issuer(
    session: AsyncSession, caller: Caller, frame: Frame, keeper: str | None
) -> tuple[str, Mapping[str, str]]:
    """Return whose the act is: the keeper's, or of the caller's own institution."""
    if keeper is not None:
        return keeper, frame.names_of(keeper)
    own = next((one.institution for one in caller.assignments if one.institution), "komuna")
    return own, (await find_names(session, [own])).get(own, {"sq": "Komuna"})


def _date(activity: Activity, period: str) -> None:
    days = read_days(period)
    if activity.is_synthetic and days.first < SYNTHETIC_SINCE:
        raise SyntheticPeriodError("/period")
    activity.period, activity.first_day, activity.last_day = period, days.first, days.last


async def _tell(session: AsyncSession, caller: Caller, code: str, action: str) -> None:
    versions = await tell_activities(session, [code])
    await outbox.emit(session, f"registry.{action}", code, versions[code])
    await audit.record(
        session, caller.principal, action=action, subject_type="activity", subject_id=code
    )
