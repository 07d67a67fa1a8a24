"""What changes surveys of buildings: they are recorded with their findings, and corrected."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry import periods
from komuna_registry.history.acting import acting
from komuna_registry.made_up import SYNTHETIC_SINCE, SyntheticPeriodError
from komuna_registry.municipalities.frame import Frame
from komuna_registry.recording import (
    UnknownNameError,
    check_institutions,
    rest,
)
from komuna_registry.tables import read_days
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, RuleError

from . import rules
from .models import AccessibilityCriterion, Facility, FacilityFinding, FacilitySurvey
from .operations import lock_facility, tell
from .rules import SurveyNotFoundError
from .writing import FindingIn, SurveyChangeIn, SurveyIn

_PLAIN = (
    *("access", "commission", "decision", "decided_on"),
    *("follow_up", "follow_up_due_on", "followed_up_on"),
)
_KEPT = frozenset({"access"})


class SurveyUnsoundError(RuleError):
    """Parts of a survey do not go together."""

    code = "survey_unsound"
    detail = "A day needs what it belongs to: a decision its number, a follow-up its text."


async def create_survey(
    session: AsyncSession, caller: Caller, frame: Frame, code: str, wanted: SurveyIn
) -> str:
    """Record a survey of a building that the caller may change, and return its id."""
    facility = await lock_facility(session, caller, code)
    await acting(session, caller.principal)
    span = periods.parse(wanted.surveyed_on)
    if span.first is None or (facility.is_synthetic and span.first < SYNTHETIC_SINCE):
        raise SyntheticPeriodError("/surveyed_on")
    days = (span.first, span.last or span.first)
    if rules.find_broken_end(read_days(facility.possible), *days) is not None:
        raise rules.SurveyOutOfTimeError("/surveyed_on")
    survey = FacilitySurvey(
        facility=code,
        is_synthetic=facility.is_synthetic,
        surveyed_on=wanted.surveyed_on,
        first_day=span.first,
        last_day=span.last,
        **{name: getattr(wanted, name) for name in _PLAIN},
    )
    await rest(
        session, survey, facility.municipality, frame.names_of(facility.municipality), wanted
    )
    await _check(session, survey, [one.result for one in wanted.findings])
    session.add(survey)
    await session.flush()
    await _replace_findings(session, survey, wanted.findings)
    await tell(session, caller, code, "facility.survey")
    return str(survey.id)


async def lock_survey(
    session: AsyncSession, caller: Caller, survey_id: UUID
) -> tuple[Facility, FacilitySurvey]:
    """Return a survey that the caller may change, held with its building until the request ends."""
    code = await session.scalar(
        select(FacilitySurvey.facility).where(FacilitySurvey.id == survey_id)
    )
    if code is None:
        raise SurveyNotFoundError
    facility = await lock_facility(session, caller, code)
    return facility, await session.get_one(FacilitySurvey, survey_id)


async def update_survey(
    session: AsyncSession,
    caller: Caller,
    frame: Frame,
    held: tuple[Facility, FacilitySurvey],
    wanted: SurveyChangeIn,
) -> None:
    """Correct a survey that `lock_survey` returned."""
    facility, survey = held
    await acting(session, caller.principal)
    for name in wanted.model_fields_set & set(_PLAIN):
        value = getattr(wanted, name)
        if value is not None or name not in _KEPT:
            setattr(survey, name, value)
    await rest(
        session, survey, facility.municipality, frame.names_of(facility.municipality), wanted
    )
    results = [one.result for one in wanted.findings or ()]
    if wanted.findings is None:
        found = await session.scalars(select(FacilityFinding.result).where(*_of(survey)))
        results = list(found)
    await _check(session, survey, results)
    survey.version += 1
    await session.flush()
    if wanted.findings is not None:
        await _replace_findings(session, survey, wanted.findings)
    await tell(session, caller, facility.code, "facility.survey")


async def _check(
    session: AsyncSession, survey: FacilitySurvey, results: Sequence[rules.Result]
) -> None:
    rules.check_consistent(survey.access, results)
    if survey.decided_on is not None and survey.decision is None:
        raise SurveyUnsoundError(errors=(FieldError("/decision", SurveyUnsoundError.code),))
    if survey.follow_up is None and (survey.follow_up_due_on or survey.followed_up_on):
        raise SurveyUnsoundError(errors=(FieldError("/follow_up", SurveyUnsoundError.code),))
    await check_institutions(session, [("/commission", survey.commission)])


async def _replace_findings(
    session: AsyncSession, survey: FacilitySurvey, findings: Sequence[FindingIn]
) -> None:
    named = {one.criterion for one in findings} - {None}
    known = await session.execute(
        select(AccessibilityCriterion.code).where(
            AccessibilityCriterion.code.in_(named),
            # A real building is not judged by what was made up for the demonstration.
            AccessibilityCriterion.is_synthetic.is_(False) | survey.is_synthetic,
        )
    )
    missing = named - set(known.scalars())
    if missing:
        places = [place for place, one in enumerate(findings) if one.criterion in missing]
        raise UnknownNameError(*(f"/findings/{place}/criterion" for place in places))
    await session.execute(delete(FacilityFinding).where(*_of(survey)))
    session.add_all(
        FacilityFinding(
            facility=survey.facility,
            surveyed_on=survey.surveyed_on,
            source=survey.source,
            locator=survey.locator,
            **one.model_dump(),
        )
        for one in findings
    )
    await session.flush()


def _of(survey: FacilitySurvey) -> tuple[ColumnElement[bool], ...]:
    return (
        FacilityFinding.facility == survey.facility,
        FacilityFinding.surveyed_on == survey.surveyed_on,
    )
