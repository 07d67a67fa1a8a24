"""What callers send and receive about assignments, and about themselves."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_registry.accounts.rules import Role
from komuna_registry.fields import Code, Text
from komuna_shared.days import Day

_EXAMPLE: JsonDict = {
    "issuer": "http://127.0.0.1:8100",
    "subject": "persona:municipal_officer:prishtine",
    "name": None,
    "role": "municipal_officer",
    "institution": None,
    "municipality": "prishtine",
    "valid_from": "2026-01-01",
    "valid_until": None,
    "source": "Decision 01-20 of 5 January 2026",
}


class AssignmentIn(BaseModel):
    """A role to be granted; `name` is needed for somebody who has no account yet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    issuer: str | None = Field(
        default=None, max_length=300, description="Your own issuer unless given."
    )
    subject: str = Field(min_length=1, max_length=300)
    name: Text | None = None
    role: Role
    institution: Code | None = None
    municipality: Code | None = None
    valid_from: Day
    valid_until: Day | None = None
    source: Text = Field(description="The decision or act that this rests on.")


class DelegationIn(BaseModel):
    """Whom your role is lent to, for which time; `name` is needed for who has no account yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "subject": "persona:municipal_admin:prishtine",
                    "valid_from": "2026-08-01",
                    "valid_until": "2026-08-16",
                    "source": "Leave of 1 to 15 August 2026",
                }
            ]
        },
    )

    issuer: str | None = Field(
        default=None, max_length=300, description="Your own issuer unless given."
    )
    subject: str = Field(min_length=1, max_length=300)
    name: Text | None = None
    valid_from: Day
    valid_until: Day = Field(description="The first day on which it is not lent any more.")
    source: Text = Field(description="The decision or act that this rests on.")


class AssignmentOut(BaseModel):
    """A role that somebody holds, for a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3c0-0000-7000-8000-000000000000",
                    "account": "0197a3c0-0000-7000-8000-000000000001",
                    "name": "Demo municipal officer, Prishtinë",
                    "role": "municipal_officer",
                    "institution": None,
                    "municipality": "prishtine",
                    "valid_from": "2026-01-01",
                    "valid_until": None,
                    "granted_by": None,
                    "delegated_from": None,
                    "source": "demonstration",
                    "is_synthetic": True,
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    account: UUID
    name: str
    role: Role
    institution: str | None
    municipality: str | None
    valid_from: date
    valid_until: date | None
    granted_by: UUID | None
    delegated_from: UUID | None = Field(description="The assignment that this was lent from.")
    source: str
    is_synthetic: bool
    version: int


class HeldOut(BaseModel):
    """A role that you hold; one that was lent to you says from which assignment."""

    id: UUID
    delegated_from: UUID | None
    role: str = Field(examples=["municipal_officer"])
    institution: str | None
    municipality: str | None = Field(examples=["prishtine"])
    valid_from: date
    valid_until: date | None


class LinksOut(BaseModel):
    """Where what waits for you is listed."""

    registry: str = Field(examples=["http://localhost:8080/registry/v1/me/tasks"])
    indicators: str
    referrals: str


class MeOut(BaseModel):
    """Who you are here; somebody we do not know has no name and no assignments."""

    name: str | None = Field(examples=["Demo municipal officer, Prishtinë"])
    is_synthetic: bool
    language: str | None
    languages: list[str] = Field(examples=[["sq", "sr-Latn", "sr-Cyrl", "en"]])
    assignments: list[HeldOut]
    roles: list[str]
    tasks: LinksOut
