"""HTTP for the reports of an obligation: who has sent theirs, and when."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from komuna_indicators import periods
from komuna_indicators.catalogue.presentation import list_page
from komuna_indicators.clock import today
from komuna_indicators.municipalities.queries import find_names
from komuna_indicators.obligations import rules as due
from komuna_indicators.obligations.queries import find_obligation
from komuna_indicators.obligations.rules import Obligation
from komuna_indicators.observations.filters import read_period
from komuna_indicators.observations.presentation import number
from komuna_indicators.periods import Period
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.errors import NotFoundError
from komuna_shared.languages import label
from komuna_shared.paging import PageOut, Paging

from . import queries, rules
from .queries import Report
from .rules import ReportState
from .schemas import RatesOut, ReportOut, ReportsOut

router = APIRouter(
    prefix="/v1/obligations",
    tags=["obligations"],
    redirect_slashes=False,
    dependencies=[public()],
)

_REPORTS = TypeAdapter(ReportsOut)


@router.get("/{code}/reports", response_model=ReportsOut)
async def list_reports(  # noqa: PLR0913, PLR0917 -- a route's parameters are its documentation.
    request: Request,
    connection: Reader,
    page: Paging,
    code: str,
    language: Language,
    period: Annotated[str | None, Query(max_length=40, examples=["2026-S1"])] = None,
    state: Annotated[list[ReportState] | None, Query()] = None,
) -> Response:
    """List the report of every reporter for a period, with the rates of all of them; public.

    Without `period`, the latest that is over. Rates count all reporters, whatever is listed.
    """
    obligation = await find_obligation(connection, code)
    reports = await queries.list_reports(
        connection, obligation, _period(obligation, period), today()
    )
    names = await find_names(connection)
    wanted = [one for one in reports if not state or one.state in state]
    found = list_page(wanted, page, lambda one: _present(one, names, language), by="municipality")
    shown = ReportsOut(
        items=found.items, rates=_rates(reports), page=PageOut.model_validate(found.page)
    )
    return answer(request, _REPORTS, shown, cache=PUBLIC)


def _period(obligation: Obligation, text: str | None) -> Period:
    if text is not None:
        period = read_period("period", text)
    else:
        period = max(due.ended_periods(obligation, today()), default=obligation.first_period)
    is_one = period.frequency == obligation.frequency
    if not is_one or period.start < obligation.first_period.start:
        raise NotFoundError
    return period


def _present(report: Report, names: Mapping[str, Mapping[str, str]], language: str) -> ReportOut:
    arrival = report.arrival
    return ReportOut(
        obligation=report.obligation,
        municipality=report.municipality,
        label=label(names[report.municipality], language)[0],
        period=periods.code(report.period) or "",
        due_on=report.due_on,
        state=report.state,
        received_on=None if arrival is None else arrival.first_on,
        version_no=None if arrival is None else arrival.version_no,
        is_synthetic=report.is_synthetic,
    )


def _rates(reports: Sequence[Report]) -> RatesOut:
    made = rules.rates(
        [report.arrival for report in reports], reports[0].due_on if reports else today()
    )
    return RatesOut(
        expected=made.expected,
        received=made.received,
        in_time=made.in_time,
        verified=made.verified,
        completeness=None if made.completeness is None else number(float(made.completeness)),
        timeliness=None if made.timeliness is None else number(float(made.timeliness)),
    )
