"""What callers send and receive about consents."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_referrals.fields import Code, Marker, Version
from komuna_shared.days import Day

from .rules import (
    ConsentMethod,
    ConsentPurpose,
    ConsentState,
    DataClass,
    GivenBy,
    LegalBasis,
)
from .texts import ConsentText

_GIVEN: JsonDict = {
    "purpose": "share_with_named_recipient",
    "recipient": "isf",
    "classes": ["A", "B", "F"],
    "state": "given",
    "text": "share-1",
    "text_version": "1.0.0",
    "language": "sr-Latn",
    "method": "recorded_oral",
    "given_on": "2026-11-22",
    "valid_until": "2027-02-20",
}
_CLASSES = Field(
    min_length=1,
    max_length=9,
    description="A identity, B whereabouts, C account, D health, E proceedings, F needs, "
    "G family, H perpetrator, I administration.",
    examples=[["A", "B", "F"]],
)
Classes = Annotated[list[DataClass], _CLASSES]


class ConsentTextOut(BaseModel):
    """A text as it is read to a person."""

    code: str = Field(examples=["share-1"])
    version: str = Field(examples=["1.0.0"])
    language: str = Field(examples=["sr-Latn"])
    standing: str = Field(description="Whether jurists have reviewed it.", examples=["unreviewed"])
    purposes: list[ConsentPurpose]
    text: str
    sha256: str

    @classmethod
    def of(cls, one: ConsentText) -> Self:
        """Return a text as it is shown."""
        return cls(
            code=one.code,
            version=one.version,
            language=one.language,
            standing=one.standing,
            purposes=sorted(one.purposes),
            text=one.text,
            sha256=one.sha256,
        )


class ConsentTextsOut(BaseModel):
    """Every text in every version and language."""

    items: list[ConsentTextOut]


class ConsentIn(BaseModel):
    """What a person answered, or on what rule the record rests instead."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_GIVEN]})

    purpose: ConsentPurpose
    recipient: Code | None = Field(
        default=None, description="The institution that data is shared with.", examples=["isf"]
    )
    classes: Classes
    basis: LegalBasis = LegalBasis.CONSENT
    approver: str | None = Field(
        default=None,
        max_length=300,
        description="The subject of whoever approved a basis without consent; never yourself.",
    )
    state: ConsentState = Field(description="`given` or `refused`.", examples=["given"])
    text: Code = Field(examples=["share-1"])
    text_version: Version
    language: str = Field(max_length=10, examples=["sr-Latn"])
    given_by: GivenBy = GivenBy.PERSON
    method: ConsentMethod
    interpreter: Marker | None = Field(
        default=None, description="The interpreter's register number or function, never a name."
    )
    witness: Marker | None = Field(
        default=None, description="The witness's register number or function, never a name."
    )
    given_on: Day
    valid_until: Day | None = None


class WithdrawalIn(BaseModel):
    """How the person took it back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"method": "recorded_oral"}]}
    )

    method: ConsentMethod = ConsentMethod.RECORDED_ORAL


class ConsentOut(BaseModel):
    """A consent as those who help the person see it."""

    id: UUID
    case_id: UUID
    purpose: ConsentPurpose
    recipient: str | None = Field(examples=["isf"])
    classes: list[DataClass]
    basis: LegalBasis
    approver: str | None
    state: ConsentState
    text: str
    text_version: str
    text_sha256: str
    language: str
    given_by: GivenBy
    method: ConsentMethod
    interpreter: str | None
    witness: str | None
    given_on: date
    valid_until: date | None
    institution: str = Field(description="Who recorded it.", examples=["vaao"])
    recorded_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a row as it is shown."""
        named = set(cls.model_fields) - {"text", "text_sha256"}
        return cls.model_validate(
            {name: getattr(row, name) for name in named}
            | {"text": row.text_code, "text_sha256": row.text_hash}
        )
