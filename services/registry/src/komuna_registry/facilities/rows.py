"""The rows of the files that buildings, criteria and surveys come in."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, LongText, Text
from komuna_registry.made_up import MADE_UP, SYNTHETIC_SINCE
from komuna_registry.rows import DatedRow, NamedRow, SourcedRow

from .rules import Access, FacilityKind, Result

Decision = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class CriterionRow(NamedRow):
    """A criterion of accessibility."""

    code: Code
    legal_basis: Text | None = None
    is_synthetic: bool


class FacilityRow(NamedRow, DatedRow):
    """A building."""

    code: Code
    municipality: Code
    kind: FacilityKind
    settlement: Place | None = None
    is_synthetic: bool

    @property
    def stood(self) -> periods.Days:
        """The days on which the building may have been there."""
        return periods.presence(self.valid_from, self.valid_until).possible

    @model_validator(mode="after")
    def _check_synthetic(self) -> Self:
        begun = self.stood.lower
        if self.is_synthetic and (begun is None or begun < SYNTHETIC_SINCE):
            raise PydanticCustomError("synthetic_period", MADE_UP)
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, its names together, with the ranges of its dates."""
        dated = DatedRow.columns(self)
        for name in ("name_sq", "name_sr_latn", "name_en"):
            del dated[name]
        return {**dated, "names": self.names}


class SurveyRow(SourcedRow):
    """A survey of a building."""

    facility: Code
    is_synthetic: bool
    surveyed_on: ImpreciseDate
    access: Access
    commission: Code | None = None
    decision: Decision | None = None
    decided_on: date | None = None
    follow_up: LongText | None = None
    follow_up_due_on: date | None = None
    followed_up_on: date | None = None

    @model_validator(mode="after")
    def _check_said(self) -> Self:
        first_day = periods.parse(self.surveyed_on).first
        if first_day is None:
            raise PydanticCustomError("missing_value", "A survey needs a day to have begun on.")
        if self.is_synthetic and first_day < SYNTHETIC_SINCE:
            raise PydanticCustomError("synthetic_period", MADE_UP)
        if self.decided_on and self.decision is None:
            raise PydanticCustomError("missing_value", "A day of a decision needs its number.")
        if self.follow_up is None and (self.follow_up_due_on or self.followed_up_on):
            raise PydanticCustomError("missing_value", "Say what is to be done by that day.")
        return self

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day on which the survey may have been made."""
        span = periods.parse(self.surveyed_on)
        first = span.first or date.min
        return first, span.last or first

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the days that its date stands for."""
        first, last = self.days
        return {**self.model_dump(), "first_day": first, "last_day": last}


class FindingRow(SourcedRow):
    """What a survey found of one criterion, or a barrier that none names."""

    facility: Code
    surveyed_on: ImpreciseDate
    criterion: Code | None = None
    result: Result
    barrier: Text | None = None
    recommendation: Text | None = None

    @model_validator(mode="after")
    def _check_said(self) -> Self:
        if self.criterion is None and self.barrier is None:
            raise PydanticCustomError("missing_value", "Name a criterion, or say the barrier.")
        return self
