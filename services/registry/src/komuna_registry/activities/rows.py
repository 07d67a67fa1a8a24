"""The rows of the files that activities and everything said about them come in."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from komuna_registry import periods
from komuna_registry.fields import Code, ImpreciseDate, LongText, Text
from komuna_registry.made_up import MADE_UP, SYNTHETIC_SINCE
from komuna_registry.offices.rules import Sex
from komuna_registry.rows import NamedRow, SourcedRow

from .rules import ActivityKind, Extent, Part, ParticipantStatus

Url = Annotated[
    str, StringConstraints(pattern=r"^https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$", max_length=500)
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_Period = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z/-]+$", max_length=50)]


class ActivityRow(NamedRow):
    """An activity."""

    code: Code
    kind: ActivityKind
    topic: Text | None = None
    period: ImpreciseDate
    extent: Extent
    note: LongText | None = None
    keeper: Code | None = None
    is_synthetic: bool

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        first_day = periods.parse(self.period).first
        if first_day is None:
            raise PydanticCustomError("missing_value", "An activity needs a day to have begun on.")
        if self.is_synthetic and first_day < SYNTHETIC_SINCE:
            raise PydanticCustomError("synthetic_period", MADE_UP)
        return self

    def columns(self) -> dict[str, Any]:
        """Return what is stored of this row, with the days that its period stands for."""
        span = periods.parse(self.period)
        return {**super().columns(), "first_day": span.first, "last_day": span.last}


class PlaceRow(SourcedRow):
    """An activity took place in a municipality."""

    activity: Code
    municipality: Code


class PartyRow(SourcedRow):
    """Somebody organised, supported or took part in an activity."""

    activity: Code
    part: Part
    institution: Code | None = None
    municipality: Code | None = None
    name: Title | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(one is not None for one in (self.institution, self.municipality, self.name)) != 1:
            raise PydanticCustomError(
                "one_party", "Name one institution, one municipality, or a name as printed."
            )
        return self


class ParticipantRow(SourcedRow):
    """How many of one sex and community took part; nobody is in two rows."""

    activity: Code
    sex: Sex | None = None
    community: Code | None = None
    persons: int | None = Field(default=None, ge=0, le=1_000_000)
    status: ParticipantStatus = ParticipantStatus.ACTUAL

    @model_validator(mode="after")
    def _check_missing(self) -> Self:
        if (self.persons is None) == (self.status is ParticipantStatus.ACTUAL):
            raise PydanticCustomError(
                "missing_value", "A number that is missing says so by its status."
            )
        return self


class EvidenceRow(SourcedRow):
    """Where an activity can be seen."""

    activity: Code
    url: Url
    title: Title | None = None


class PublicationRow(SourcedRow):
    """Where indicators hold a published total of a kind."""

    kind: ActivityKind
    indicator: Code
    period: _Period
