"""What callers send and see of a person."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from komuna_shared.days import Day

_PERSON: JsonDict = {
    "first_name": "Filane",
    "last_name": "Fistekja",
    "birth_year": 1999,
    "birth_date": None,
    "personal_number": None,
    "citizenships": ["XK"],
    "telephone": "+38344000000",
    "address": None,
}

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Telephone = Annotated[
    str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(examples=["+38344000000"])
]
PersonalNumber = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]{4,20}$"), Field(examples=["1000000000"])
]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["XK"])]
Year = Annotated[int, Field(ge=1900, le=2100, strict=True)]


class PersonIn(BaseModel):
    """All that is known of a person; what is left out is not known."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PERSON]})

    first_name: Name | None = None
    last_name: Name | None = None
    birth_year: Year | None = None
    birth_date: Day | None = None
    personal_number: PersonalNumber | None = None
    citizenships: list[Country] = Field(
        default_factory=list, max_length=10, description="`XX` for stateless, `ZZ` for unknown."
    )
    telephone: Telephone | None = None
    address: Address | None = None


class PersonOut(BaseModel):
    """What you may know of a person: the fields of a class that you may not see are absent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case_id": "6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11",
                    "classes": ["A", "B"],
                    "version": 1,
                    **_PERSON,
                }
            ]
        }
    )

    case_id: UUID
    classes: list[str] = Field(description="The classes of fields that you may see.")
    version: int
    first_name: str | None = None
    last_name: str | None = None
    birth_year: int | None = None
    birth_date: Day | None = None
    personal_number: str | None = None
    citizenships: list[str] = Field(default_factory=list)
    telephone: str | None = None
    address: str | None = None


class AccountOut(BaseModel):
    """What the person says was done to them, and the signs that were seen."""

    case_id: UUID
    account: str | None = Field(examples=["She was promised work in a hotel."])
    indicators: list[str] = Field(
        default_factory=list,
        description="Absent for who does not work on the case.",
        examples=[["means.deception"]],
    )


class MatchIn(BaseModel):
    """Whom somebody looks for: one of three things that people are found by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"first_name": "Filane", "last_name": "Fistekja", "birth_year": 1999}]
        },
    )

    first_name: Name | None = None
    last_name: Name | None = None
    birth_year: Year | None = None
    telephone: Telephone | None = None
    personal_number: PersonalNumber | None = None


class MatchOut(BaseModel):
    """Whether there may be a case of this person, and whom to ask; never which, and never more."""

    is_possible_match: bool
    ask: list[str] = Field(
        description="The institutions that own such a case.", examples=[["vaao"]]
    )
