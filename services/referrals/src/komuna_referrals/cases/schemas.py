"""What callers send and see of a case."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from .rules import (
    INDICATORS,
    NEEDS,
    AgeBand,
    Assistance,
    Basis,
    Identification,
    RecordState,
    Relation,
    Risk,
    Sex,
)

_OPENED: JsonDict = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation", "psychosocial_support"],
    "indicators": ["act.recruitment", "means.deception", "purpose.forced_begging"],
    "languages": ["sq"],
    "account": None,
}


def _need(code: str) -> str:
    if code not in NEEDS:
        raise PydanticCustomError("enum", "This is not one of the values that exist.")
    return code


def _indicator(code: str) -> str:
    if code not in INDICATORS:
        raise PydanticCustomError("enum", "This is not one of the values that exist.")
    return code


Need = Annotated[str, AfterValidator(_need), Field(json_schema_extra={"enum": list(NEEDS)})]
Indicator = Annotated[
    str, AfterValidator(_indicator), Field(json_schema_extra={"enum": list(INDICATORS)})
]
SpokenLanguage = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(?:-[A-Z][a-z]{3})?$"), Field(examples=["sq"])
]
Narrative = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)
]


class CaseIn(BaseModel):
    """A case to be opened; nothing in it says who the person is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_OPENED]})

    basis: Basis = Field(description="What opening the case rests on.")
    age_band: AgeBand
    sex: Sex
    needs: list[Need] = Field(default_factory=list, max_length=40)
    indicators: list[Indicator] = Field(
        default_factory=list, max_length=40, description="With one, the person is presumed."
    )
    languages: list[SpokenLanguage] = Field(default_factory=list, max_length=10)
    account: Narrative | None = Field(
        default=None, description="What the person says was done to them; kept encrypted."
    )


class DecisionIn(BaseModel):
    """A step of the identification."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"to": "presumed", "indicators": ["act.recruitment"]}]},
    )

    to: Identification
    indicators: list[Indicator] = Field(min_length=1, max_length=40)


class CaseOut(BaseModel):
    """A case as everybody who may know of it sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    institution: str = Field(
        description="Who has the case.", examples=["centre-for-social-work-prizren"]
    )
    relation: Relation = Field(description="As what your institution sees it.")
    record: RecordState
    identification: Identification
    assistance: Assistance
    risk: Risk
    basis: Basis
    age_band: AgeBand
    sex: Sex
    needs: list[str] = Field(examples=[["emergency_accommodation"]])
    languages: list[str] = Field(examples=[["sq"]])
    indicator_count: int
    version: int = Field(examples=[1])
    opened_at: datetime


class CaseReceiptOut(BaseModel):
    """All that somebody sees who opens cases and reads none."""

    receipt: str = Field(
        description="Name it when you ask about what you reported.",
        examples=["Yk3l0pVbS3uJm1nqk0sT7w"],
    )


class HistoryOut(BaseModel):
    """One thing that happened to a case; the changes of all, oldest first, give its state."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int = Field(description="The version of the case afterwards.")
    event: str = Field(examples=["opened", "changed", "partner_added", "blocked"])
    institution: str | None = Field(description="Who did it.")
    changes: dict[str, Any] = Field(examples=[{"identification": "presumed", "version": 2}])
    recorded_at: datetime
