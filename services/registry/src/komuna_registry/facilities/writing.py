"""What callers send about buildings and their surveys."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from komuna_registry.alternatives import any_of
from komuna_registry.fields import Code, ImpreciseDate, LongText, Text
from komuna_registry.names import NamesChangeIn, NamesIn
from komuna_registry.sources.resting import RESTED, RESTING, RestedIn, RestingIn
from komuna_shared.days import Day

from .rows import Decision, Place
from .rules import Access, FacilityKind, Result

_ACT: JsonDict = {
    "number": "02-14/26",
    "issued_on": "2026-03-12",
    "title": "Raport i komisionit për qasje",
    "language": "sq",
}


class FindingIn(BaseModel):
    """What was found of one criterion, or a barrier that no criterion here names."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **any_of("criterion", "barrier"),
            "examples": [{"result": "not_met", "barrier": "Two steps at the entrance"}],
        },
    )

    criterion: Code | None = None
    result: Result
    barrier: Text | None = None
    recommendation: Text | None = None

    @model_validator(mode="after")
    def _check_said(self) -> Self:
        if self.criterion is None and self.barrier is None:
            raise PydanticCustomError("missing_value", "Name a criterion, or say the barrier.")
        return self


class FacilityIn(RestedIn):
    """A building; without a code it gets one of municipality and name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **RESTED,
            "examples": [
                {
                    "municipality": "viti",
                    "kind": "public",
                    "names": {"sq": "Biblioteka e qytetit"},
                    "settlement": None,
                    "act": _ACT,
                }
            ],
        },
    )

    code: Code | None = None
    municipality: Code
    kind: FacilityKind
    names: NamesIn
    settlement: Place | None = None
    valid_from: ImpreciseDate | None = None
    valid_until: ImpreciseDate | None = None


class FacilityChangeIn(RestingIn):
    """A merge patch: what is absent stays, null takes away."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={**RESTING, "examples": [{"kind": "private", "act": _ACT}]},
    )

    kind: FacilityKind | None = None
    names: NamesChangeIn | None = None
    settlement: Place | None = None
    valid_from: ImpreciseDate | None = None
    valid_until: ImpreciseDate | None = None


class SurveyIn(RestedIn):
    """A survey of a building, with what it found."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **RESTED,
            "examples": [
                {
                    "surveyed_on": "2026-03-11",
                    "access": "partly",
                    "findings": [{"result": "not_met", "barrier": "Two steps at the entrance"}],
                    "follow_up": "Build a ramp",
                    "follow_up_due_on": "2026-12-31",
                    "act": _ACT,
                }
            ],
        },
    )

    surveyed_on: ImpreciseDate
    access: Access
    commission: Code | None = Field(default=None, description="An institution; a body is one.")
    decision: Decision | None = Field(default=None, description="What set up the commission.")
    decided_on: Day | None = None
    findings: list[FindingIn] = Field(default=[], max_length=100)
    follow_up: LongText | None = None
    follow_up_due_on: Day | None = None
    followed_up_on: Day | None = None


class SurveyChangeIn(RestingIn):
    """A merge patch: what is absent stays, null takes away; findings are replaced as a whole."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **RESTING,
            "examples": [{"followed_up_on": "2026-11-02", "access": "accessible"}],
        },
    )

    access: Access | None = None
    commission: Code | None = None
    decision: Decision | None = None
    decided_on: Day | None = None
    findings: list[FindingIn] | None = Field(default=None, max_length=100)
    follow_up: LongText | None = None
    follow_up_due_on: Day | None = None
    followed_up_on: Day | None = None
