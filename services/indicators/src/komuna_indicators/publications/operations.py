"""What makes reported figures public: all of a release in one transaction, or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import Tier, series_key
from komuna_indicators.catalogue.snapshot import Catalogue, load_catalogue
from komuna_indicators.forms.queries import find_form
from komuna_indicators.forms.rules import Form
from komuna_indicators.obligations import rules as due
from komuna_indicators.obligations.queries import find_obligation, find_reporters
from komuna_indicators.obligations.rules import Obligation
from komuna_indicators.observations.models import Observation, ObservationInput
from komuna_indicators.observations.rules import Origin
from komuna_indicators.periods import Period
from komuna_indicators.releases.operations import Published, release_reports
from komuna_indicators.releases.rules import TierNotOfferedError
from komuna_shared import audit
from komuna_shared.access import Caller
from komuna_shared.changes import Change, publish_all
from komuna_shared.errors import FieldError, ForbiddenError, NotFoundError, RuleError

from . import queries, statements
from .ratios import find_ratios
from .rules import Figures, NothingToReleaseError, Place, make_figures
from .schemas import ReleaseIn

Standing = Mapping[Place, Row[Any]]


class UnknownObligationError(RuleError):
    """There is nothing to release under that name."""

    code = "unknown_obligation"
    detail = "There is no such obligation."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be released: the reports of one obligation and period."""

    obligation: Obligation
    period: Period
    form: Form
    catalogue: Catalogue

    @property
    def origin(self) -> Origin:
        """Return where the figures come from, and whether they are invented."""
        return Origin.SYNTHETIC if self.obligation.is_synthetic else Origin.SUBMITTED


async def publish_reports(session: AsyncSession, caller: Caller, wanted: ReleaseIn) -> str:
    """Make the verified reports of a period public, and return the code of the release."""
    if not caller.has("analyst"):
        raise ForbiddenError
    asked = await _read(session, wanted)
    code, period = asked.obligation.code, asked.period
    await queries.take_turn(session, code, period)
    waiting = await queries.find_waiting(session, code, period)
    if not waiting:
        raise NothingToReleaseError
    reports = await queries.find_told(session, code, period)
    reporters = await find_reporters(session, due.last_day(period))
    ratios = list(find_ratios(asked.form, asked.catalogue))
    figures = make_figures(asked.form, ratios, reporters, reports)
    indicators = {name for name, _, _ in figures}
    standing = await queries.find_standing(session, code, period, asked.origin, indicators)
    fresh = _fresh(figures, standing)
    published = Published(
        obligation=code,
        period=period,
        number=await queries.count_releases(session, code, period) + 1,
        is_synthetic=asked.obligation.is_synthetic,
        coverage=(len(reports), len({*reporters, *reports})),
        observation_count=len(fresh),
    )
    release = await release_reports(session, published, waiting)
    await _close(session, standing, {*fresh, *(standing.keys() - figures.keys())})
    await _add(session, asked, {place: figures[place] for place in fresh}, standing, release)
    await _tell(session, asked, {place: figures[place] for place in fresh}, published)
    await audit.record(
        session,
        caller.principal,
        action="release.publish",
        subject_type="release",
        subject_id=published.code,
    )
    return published.code


async def _read(session: AsyncSession, wanted: ReleaseIn) -> _Asked:
    try:
        period = periods.parse(wanted.period)
    except periods.PeriodError:
        raise periods.PeriodError(errors=(_at("period", periods.PeriodError),)) from None
    try:
        obligation = await find_obligation(session, wanted.obligation)
    except NotFoundError:
        raise UnknownObligationError(errors=(_at("obligation", UnknownObligationError),)) from None
    catalogue = await load_catalogue(session)
    form = await find_form(session, catalogue, obligation.form)
    if catalogue.dataflows[form.dataflow].tier != Tier.POSTS:
        raise TierNotOfferedError(errors=(_at("obligation", TierNotOfferedError),))
    return _Asked(obligation, period, form, catalogue)


def _at(place: str, error: type[RuleError]) -> FieldError:
    return FieldError(f"/{place}", error.code, error.detail)


def _fresh(figures: Figures, standing: Standing) -> list[Place]:
    """Return what is new or differs, and whatever rests on that, in order."""
    fresh: dict[Place, None] = {}
    for place, figure in figures.items():
        rests_anew = any(one in fresh for _, one in figure.inputs)
        if rests_anew or not statements.is_same(standing.get(place), figure):
            fresh[place] = None
    return list(fresh)


async def _close(session: AsyncSession, standing: Standing, places: Iterable[Place]) -> None:
    ids = [standing[place].id for place in places if place in standing]
    if ids:
        closing = update(Observation).where(Observation.id.in_(ids)).values(valid_to=func.now())
        await session.execute(closing)


async def _add(
    session: AsyncSession, asked: _Asked, fresh: Figures, standing: Standing, release: UUID
) -> None:
    """Add the statements of the figures, and what each rests on in the version it has now."""
    rows = [
        statements.statement(
            figure,
            asked.catalogue,
            period=asked.period,
            origin=asked.origin,
            source=asked.obligation.code,
            release=release,
        )
        for figure in fresh.values()
    ]
    table = Observation.__table__
    shown = (table.c.indicator, table.c.municipality, table.c.breakdown, table.c.id)
    made = await session.execute(insert(table).returning(*shown), rows)  # type: ignore[arg-type]
    ids: dict[Place, UUID] = {place: row.id for place, row in standing.items()}
    ids |= {(row.indicator, row.municipality, row.breakdown): row.id for row in made}
    links = [
        {
            "observation_id": ids[place],
            "position": position,
            "role": role,
            "input_id": ids[rested],
        }
        for place, figure in fresh.items()
        for position, (role, rested) in enumerate(figure.inputs, start=1)
    ]
    if links:
        await session.execute(insert(ObservationInput), links)


async def _tell(session: AsyncSession, asked: _Asked, fresh: Figures, published: Published) -> None:
    """Tell followers what became public; invented figures stay out of every copy."""
    if published.is_synthetic:
        return
    period = periods.code(asked.period)
    changes = []
    for (indicator, municipality, codes), figure in fresh.items():
        key = series_key(indicator, municipality, codes)
        value = None if figure.value is None else float(figure.value)
        told = {"key": key, "period": period, "value": value, "status": figure.status}
        told |= {"reason": figure.reason, "origin": asked.origin, "release": published.code}
        id_ = f"{key}@{period}@{asked.obligation.code}"
        changes.append(Change("observation", id_, published.number, told))
    await publish_all(session, changes)
