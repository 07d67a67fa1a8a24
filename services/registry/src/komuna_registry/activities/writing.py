"""What callers send about activities."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from komuna_registry.alternatives import one_of
from komuna_registry.fields import Code, ImpreciseDate, LongText, Text
from komuna_registry.names import NamesChangeIn, NamesIn
from komuna_registry.offices.rules import Sex
from komuna_registry.sources.resting import RESTED, RESTING, RestedIn, RestingIn

from .rows import Title, Url
from .rules import ActivityKind, Extent, Part, ParticipantStatus

_EXAMPLE: JsonDict = {
    "kind": "training",
    "names": {"sq": "Trajnim për qasje në objekte"},
    "topic": "Qasja në objekte publike",
    "period": "2026-03-04",
    "extent": "throughout",
    "keeper": "viti",
    "municipalities": ["viti"],
    "parties": [{"part": "organiser", "municipality": "viti"}],
    "participants": [{"sex": "female", "persons": 11}, {"sex": "male", "persons": 9}],
    "act": {
        "number": "03-21/26",
        "issued_on": "2026-03-05",
        "title": "Raport i trajnimit",
        "language": "sq",
    },
}

_ACTUAL: JsonDict = {"const": ParticipantStatus.ACTUAL.value}
_PERSONS: JsonDict = {
    "examples": [{"sex": "female", "persons": 11}],
    "oneOf": [
        {
            "required": ["persons"],
            "properties": {"persons": {"type": "integer"}, "status": _ACTUAL},
        },
        {
            "required": ["status"],
            "properties": {"persons": {"type": "null"}, "status": {"not": _ACTUAL}},
        },
    ],
}


class PartyIn(BaseModel):
    """Who organised, supported or took part: an institution, a municipality, or a name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **one_of(("institution",), ("municipality",), ("name",)),
            "examples": [{"part": "organiser", "municipality": "viti"}],
        },
    )

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


class ParticipantsIn(BaseModel):
    """How many of one sex and community; nobody is in two rows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_PERSONS)

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


class ActivityEvidenceIn(BaseModel):
    """Where the activity can be seen."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "url": "https://komuna.example/trajnim-2026-03-04",
                    "title": "List of participants (demonstration)",
                }
            ]
        },
    )

    url: Url
    title: Title | None = None


class ActivityIn(RestedIn):
    """An activity; without a code it gets one of its municipality, period and name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={**RESTED, "examples": [_EXAMPLE]})

    code: Code | None = None
    kind: ActivityKind
    names: NamesIn
    topic: Text | None = None
    period: ImpreciseDate
    extent: Extent
    keeper: Code | None = Field(default=None, description="Whose officers may change it later.")
    municipalities: list[Code] = Field(default=[], max_length=38)
    parties: list[PartyIn] = Field(default=[], max_length=50)
    participants: list[ParticipantsIn] = Field(default=[], max_length=100)
    evidence: list[ActivityEvidenceIn] = Field(default=[], max_length=50)
    note: LongText | None = None


class ActivityChangeIn(RestingIn):
    """A merge patch: what is absent stays, null takes away; lists are replaced as a whole."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **RESTING,
            "examples": [{"participants": [{"sex": "female", "persons": 12}]}],
        },
    )

    kind: ActivityKind | None = None
    names: NamesChangeIn | None = None
    topic: Text | None = None
    period: ImpreciseDate | None = None
    extent: Extent | None = None
    municipalities: list[Code] | None = Field(default=None, max_length=38)
    parties: list[PartyIn] | None = Field(default=None, max_length=50)
    participants: list[ParticipantsIn] | None = Field(default=None, max_length=100)
    evidence: list[ActivityEvidenceIn] | None = Field(default=None, max_length=50)
    note: LongText | None = None
