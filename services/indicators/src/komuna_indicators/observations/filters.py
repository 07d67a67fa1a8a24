"""Which figures an address asks for."""

from typing import Annotated

from pydantic import BaseModel, Field

from komuna_indicators import periods
from komuna_indicators.catalogue.rules import Dimension
from komuna_indicators.clock import end_of
from komuna_indicators.periods import Period, PeriodError
from komuna_shared.days import Day
from komuna_shared.errors import BadRequestError, FieldError

from .queries import Wanted
from .rules import Origin, Status

_PLACE = "municipality"
_MOST = 100
_Text = Annotated[str, Field(max_length=100)]
_Texts = Annotated[list[_Text], Field(max_length=_MOST)]


class UnknownPeriodError(BadRequestError):
    """A parameter names no period."""

    code = "unknown_period"
    detail = PeriodError.detail


class UnknownGroupError(BadRequestError):
    """`group_by` names what figures are not broken down by."""

    code = "unknown_group"
    detail = "`group_by` takes `municipality` and dimensions, with commas between."


class ObservationFilters(BaseModel):
    """The filters of the list of figures; a repeated one means "or"."""

    indicator: _Texts = Field([], examples=[["women-directors"]])
    dataflow: _Texts = []
    municipality: _Texts = Field(
        [],
        description="Slugs; `_T` is all of Kosovo. With `indicator`, a municipality for which"
        " no source states the figure is told as missing.",
    )
    period: _Texts = Field(
        [], description="`2020`, `2020-S1`, `2020-Q3`, `2020-11`, `2020-01-01/P9M`"
    )
    period_from: _Text | None = Field(None, description="Only periods that begin here or later.")
    period_to: _Text | None = Field(None, description="Only periods that end here or earlier.")
    sex: _Texts = []
    age: _Texts = []
    community: _Texts = []
    citizenship: _Texts = []
    country_of_origin: _Texts = []
    offence: _Texts = []
    exploitation: _Texts = []
    kind: _Texts = []
    state: _Texts = []
    institution: _Texts = []
    group_by: _Text | None = Field(
        None,
        description="The table broken down by exactly these, totals left out: `municipality`,"
        " `sex`, `offence,sex`.",
    )
    origin: list[Origin] = []
    status: list[Status] = []
    document: _Texts = Field([], description="Only what these documents state.")
    fact: _Texts = []
    as_of: Day | None = Field(None, description="What was known at the end of this day.")


def read_wanted(filters: ObservationFilters) -> Wanted:
    """Read which figures a request is about, or raise."""
    return Wanted(
        dataflows=filters.dataflow,
        indicators=filters.indicator,
        municipalities=filters.municipality,
        periods=[read_period("period", text) for text in filters.period],
        within=_within(filters),
        codes={name: getattr(filters, name) for name in Dimension},
        broken_down_by=None if filters.group_by is None else _groups(filters.group_by),
        origins=filters.origin,
        statuses=filters.status,
        documents=filters.document,
        facts=filters.fact,
        as_of=None if filters.as_of is None else end_of(filters.as_of),
    )


def _within(filters: ObservationFilters) -> Period | None:
    if filters.period_from is None and filters.period_to is None:
        return None
    start, end = periods.UNSTATED.start, periods.UNSTATED.end
    if filters.period_from is not None:
        start = read_period("period_from", filters.period_from).start
    if filters.period_to is not None:
        end = read_period("period_to", filters.period_to).end
    return Period(start, end)


def read_period(parameter: str, text: str) -> Period:
    """Read the period that a parameter names, or raise."""
    try:
        return periods.parse(text)
    except PeriodError:
        error = FieldError(f"/query/{parameter}", "unknown_period", PeriodError.detail)
        raise UnknownPeriodError(errors=(error,)) from None


def _groups(text: str) -> frozenset[str]:
    groups = frozenset(text.split(","))
    if not groups <= {_PLACE, *Dimension}:
        raise UnknownGroupError
    return groups
