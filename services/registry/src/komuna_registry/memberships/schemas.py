"""What callers are told about members of bodies."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.institutions.rules import MemberFunction
from komuna_registry.periods import Certainty


class BodyOut(BaseModel):
    """The body, which is an institution itself."""

    code: str = Field(examples=["naathb"])
    label: str = Field(examples=["National Authority against Trafficking in Human Beings"])
    label_language: str = Field(examples=["en"])


class MemberOut(BaseModel):
    """Who belongs to the body."""

    kind: Literal["institution", "municipality", "holder"]
    code: str = Field(examples=["mlg"])
    label: str = Field(examples=["Ministry of Local Government"])
    label_language: str | None = Field(
        description="Null for a person, whose name is in no language.", examples=["en"]
    )


class MembershipOut(Citation):
    """Somebody belongs or belonged to a body; the dates keep the precision of the source.

    `attested_on` is when a source saw them there; `certainty` is about `as_of`, null without it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3c0-0000-7000-8000-000000000000",
                    "body": {
                        "code": "naathb",
                        "label": "National Authority against Trafficking in Human Beings",
                        "label_language": "en",
                    },
                    "member": {
                        "kind": "institution",
                        "code": "mlg",
                        "label": "Ministry of Local Government",
                        "label_language": "en",
                    },
                    "function": "member",
                    "since": None,
                    "until": None,
                    "attested_on": "2020",
                    "certainty": "possible",
                    "is_synthetic": False,
                    "version": 1,
                    "source": "s0",
                    "locator": "L280",
                }
            ]
        }
    )

    id: UUID
    body: BodyOut
    member: MemberOut
    function: MemberFunction
    since: str | None
    until: str | None
    attested_on: str | None
    certainty: Certainty | None
    is_synthetic: bool = Field(description="Made up for the demonstration, as its source says.")
    version: int
