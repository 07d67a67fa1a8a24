"""What callers are told about buildings, their surveys, and how many are accessible."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation

from .rules import Access, AccessReason, FacilityKind, Result


class FacilityPlaceOut(BaseModel):
    """The municipality that a building stands in."""

    slug: str = Field(examples=["viti"])
    label: str = Field(examples=["Viti"])
    label_language: str = Field(examples=["sq"])


class CommissionOut(BaseModel):
    """The body that made the survey, which is an institution with members."""

    code: str = Field(examples=["accessibility-commission-viti"])
    label: str = Field(examples=["Commission for the accessibility of buildings, Vitia"])
    label_language: str = Field(examples=["en"])


class FindingOut(Citation):
    """What was found of one criterion, or a barrier that no criterion here names."""

    criterion: str | None = Field(examples=["demo-entrance-without-step"])
    result: Result
    barrier: str | None = Field(examples=["Two steps at the main entrance (demonstration)"])
    recommendation: str | None = Field(examples=["A ramp (demonstration)"])


class SurveyOut(Citation):
    """A survey of a building; `surveyed_on` keeps the precision of its source."""

    id: UUID
    facility: str = Field(examples=["demo-public-library-viti"])
    surveyed_on: str = Field(examples=["2026-03-11"])
    access: Access
    commission: CommissionOut | None
    decision: str | None = Field(examples=["DEMO-02/2026"])
    decided_on: date | None
    findings: list[FindingOut]
    follow_up: str | None = Field(examples=["Build a ramp (demonstration)"])
    follow_up_due_on: date | None
    followed_up_on: date | None
    is_synthetic: bool
    version: int


class AccessOut(BaseModel):
    """What is known on a day of whether the building is accessible, and why."""

    as_of: date
    access: Access
    reason: AccessReason


class FacilityOut(Citation):
    """A building with its surveys, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "demo-public-library-viti",
                    "municipality": {"slug": "viti", "label": "Viti", "label_language": "sq"},
                    "kind": "public",
                    "label": "Public library (demonstration)",
                    "label_language": "en",
                    "names": {"en": "Public library (demonstration)"},
                    "settlement": None,
                    "valid_from": "2026-01-01",
                    "valid_until": None,
                    "standing": {
                        "as_of": "2026-06-30",
                        "access": "partly",
                        "reason": "surveyed",
                    },
                    "surveys": [
                        {
                            "id": "0197a3c0-0000-7000-8000-000000000000",
                            "facility": "demo-public-library-viti",
                            "surveyed_on": "2026-03-11",
                            "access": "partly",
                            "commission": None,
                            "decision": "DEMO-02/2026",
                            "decided_on": "2026-02-02",
                            "findings": [
                                {
                                    "criterion": "demo-entrance-without-step",
                                    "result": "not_met",
                                    "barrier": "Two steps at the main entrance (demonstration)",
                                    "recommendation": "A ramp (demonstration)",
                                    "source": "demonstration",
                                    "locator": "survey",
                                }
                            ],
                            "follow_up": "Build a ramp (demonstration)",
                            "follow_up_due_on": "2026-12-31",
                            "followed_up_on": None,
                            "is_synthetic": True,
                            "version": 1,
                            "source": "demonstration",
                            "locator": "survey",
                        }
                    ],
                    "is_synthetic": True,
                    "version": 3,
                    "source": "demonstration",
                    "locator": "building",
                }
            ]
        }
    )

    code: str
    municipality: FacilityPlaceOut
    kind: FacilityKind
    label: str
    label_language: str
    names: dict[str, str]
    settlement: str | None
    valid_from: str | None
    valid_until: str | None
    standing: AccessOut
    surveys: list[SurveyOut]
    is_synthetic: bool
    version: int


class CriterionOut(Citation):
    """One thing that a building must have; `legal_basis` is null where no source here tells it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "demo-entrance-without-step",
                    "label": "Entrance without a step (demonstration)",
                    "label_language": "en",
                    "names": {"en": "Entrance without a step (demonstration)"},
                    "legal_basis": None,
                    "is_synthetic": True,
                    "version": 1,
                    "source": "demonstration",
                    "locator": "criterion",
                }
            ]
        }
    )

    code: str
    label: str
    label_language: str
    names: dict[str, str]
    legal_basis: str | None
    is_synthetic: bool
    version: int


class FacilityShareOut(BaseModel):
    """How many of some buildings are accessible.

    `share` is `accessible_count` of `judged_count`; buildings that nobody can judge are apart, in
    `unknown_count`. It is null, with status `L`, where no building was judged.
    """

    facility_count: int = Field(examples=[6])
    judged_count: int = Field(examples=[4])
    accessible_count: int = Field(examples=[1])
    partly_count: int = Field(examples=[2])
    not_count: int = Field(examples=[1])
    unknown_count: int = Field(examples=[2])
    share: float | None = Field(examples=[25.0])
    unit: Literal["percent"]
    status: Literal["A", "L"]
    reason: Literal["nothing_judged"] | None


class FacilityShareItemOut(FacilityShareOut):
    """The share of one group; only what was asked `by` is named."""

    kind: FacilityKind | None = Field(default=None, examples=["public"])
    municipality: str | None = Field(default=None, examples=["viti"])


class FacilitySharesOut(BaseModel):
    """Shares on a day; made-up buildings are never among real ones."""

    by: list[str] = Field(examples=[["kind"]])
    as_of: date
    origin: Literal["registered", "synthetic"]
    is_synthetic: bool
    possible_count: int = Field(
        description="Buildings that may have stood on that day; they are in no count."
    )
    total: FacilityShareOut
    items: list[FacilityShareItemOut]
