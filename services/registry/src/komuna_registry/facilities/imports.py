"""The files that buildings, criteria and surveys come in; officers send those of their own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.institutions.models import Institution
from komuna_registry.intake import Table, Written, collection
from komuna_registry.keeping import Concern, kept_by_owners
from komuna_registry.municipalities.models import Municipality
from komuna_registry.sources.models import Source
from komuna_registry.tables import read_days
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection, Row, RowProblem

from .models import AccessibilityCriterion, Facility, FacilityFinding, FacilitySurvey
from .operations import find_beyond
from .rows import CriterionRow, FacilityRow, FindingRow, SurveyRow
from .rules import OUT_OF_TIME, SurveyOutOfTimeError, find_broken_end, is_consistent
from .telling import tell_facilities

_MISMATCH = "This is made up and its facility is not, or the other way round."
_NOT_THERE = "This names something that is not there."
_CONTRADICTS = "A building that does not meet a criterion is not accessible in full."
_SOURCE = {"source": Source.code}
_FACILITY = {"facility": Facility.code, **_SOURCE}


async def _check_origin(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    named = {row.value.facility for row in rows}
    found = await session.execute(
        select(Facility.code, Facility.is_synthetic).where(Facility.code.in_(named))
    )
    known = {one.code: one.is_synthetic for one in found}
    return [
        RowProblem(row.number, "is_synthetic", "synthetic_period", _MISMATCH)
        for row in rows
        if known.get(row.value.facility, row.value.is_synthetic) != row.value.is_synthetic
    ]


async def _check_surveys(session: AsyncSession, rows: Sequence[Row[SurveyRow]]) -> list[RowProblem]:
    """Return a problem for each survey of another origin, or of a time without its building."""
    found = await session.execute(
        select(Facility.code, Facility.possible).where(
            Facility.code.in_({row.value.facility for row in rows})
        )
    )
    stood = {one.code: read_days(one.possible) for one in found}
    return await _check_origin(session, rows) + [
        RowProblem(row.number, "surveyed_on", SurveyOutOfTimeError.code, OUT_OF_TIME)
        for row in rows
        if row.value.facility in stood
        and find_broken_end(stood[row.value.facility], *row.value.days) is not None
    ]


async def _check_facilities(
    session: AsyncSession, rows: Sequence[Row[FacilityRow]]
) -> list[RowProblem]:
    beyond = await find_beyond(session, {row.value.code: row.value.stood for row in rows})
    return [
        RowProblem(row.number, beyond[row.value.code], SurveyOutOfTimeError.code, OUT_OF_TIME)
        for row in rows
        if row.value.code in beyond
    ]


async def _check_surveyed(
    session: AsyncSession, rows: Sequence[Row[FindingRow]]
) -> list[RowProblem]:
    named = {(row.value.facility, row.value.surveyed_on) for row in rows}
    made = await session.execute(
        select(FacilitySurvey.facility, FacilitySurvey.surveyed_on, FacilitySurvey.access).where(
            tuple_(FacilitySurvey.facility, FacilitySurvey.surveyed_on).in_(named)
        )
    )
    said = {(one.facility, one.surveyed_on): one.access for one in made}
    problems = []
    for row in rows:
        access = said.get((row.value.facility, row.value.surveyed_on))
        if access is None:
            problems.append(RowProblem(row.number, "surveyed_on", "unknown_reference", _NOT_THERE))
        elif not is_consistent(access, [row.value.result]):
            problems.append(RowProblem(row.number, "result", "result_contradicts", _CONTRADICTS))
    return problems


async def _tell(session: AsyncSession, written: Written) -> None:
    await tell_facilities(session, sorted({row.get("facility") or row["code"] for row in written}))


async def _tell_criteria(session: AsyncSession, written: Written) -> None:
    names = ("code", "names", "legal_basis", "is_synthetic", "source", "locator")
    await publish_all(
        session,
        [
            Change(
                "accessibility_criterion",
                row["code"],
                row["version"],
                {name: row[name] for name in names},
            )
            for row in written
        ],
    )


async def _find_concerns(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[Concern]:
    """Return for each row whose building it is now, and whose it would become."""
    codes = [getattr(row.value, "facility", None) or row.value.code for row in rows]
    found = await session.execute(
        select(Facility.code, Facility.municipality, Facility.is_synthetic).where(
            Facility.code.in_(codes)
        )
    )
    known = {one.code: one for one in found}
    return [
        Concern(
            {getattr(one, "municipality", None) for one in (known.get(code), row.value)} - {None},
            {
                bool(getattr(one, "is_synthetic", False))
                for one in (known.get(code), row.value)
                if hasattr(one, "is_synthetic")
            },
        )
        for code, row in zip(codes, rows, strict=True)
    ]


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "accessibility_criteria",
        CriterionRow,
        Table(AccessibilityCriterion, ("code",), _SOURCE, _tell_criteria),
    ),
    kept_by_owners(
        collection(
            "facilities",
            FacilityRow,
            Table(
                Facility,
                ("code",),
                {"municipality": Municipality.slug, **_SOURCE},
                _tell,
                _check_facilities,
            ),
        ),
        "municipality",
        _find_concerns,
    ),
    kept_by_owners(
        collection(
            "facility_surveys",
            SurveyRow,
            Table(
                FacilitySurvey,
                ("facility", "surveyed_on"),
                {"commission": Institution.code, **_FACILITY},
                _tell,
                _check_surveys,
            ),
        ),
        "facility",
        _find_concerns,
    ),
    kept_by_owners(
        collection(
            "facility_findings",
            FindingRow,
            Table(
                FacilityFinding,
                ("facility", "surveyed_on", "criterion", "barrier"),
                {"criterion": AccessibilityCriterion.code, **_FACILITY},
                _tell,
                _check_surveyed,
            ),
        ),
        "facility",
        _find_concerns,
    ),
)
