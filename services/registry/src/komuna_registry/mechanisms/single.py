"""What callers are told about one mechanism and its meetings."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.offices.rules import Sex

from .rules import Aspect


class ServedOut(Citation):
    """A municipality that the mechanism serves."""

    slug: str = Field(examples=["viti"])
    label: str = Field(examples=["Viti"])
    label_language: str = Field(examples=["sq"])
    valid_from: str | None
    valid_until: str | None


class StateOut(Citation):
    """One aspect of the mechanism: since when it holds, or when a source saw it so."""

    id: UUID
    aspect: Aspect
    holds: bool
    since: str | None = Field(examples=["2019-11-19"])
    until: str | None
    attested_on: str | None = Field(examples=["2020"])
    decision: str | None = Field(examples=["02-370/01-1166"])
    decided_on: date | None
    printed_as: str | None = Field(examples=["Vitia"])


class MechanismOut(Citation):
    """A mechanism, the municipalities it serves, and its states, which are separate facts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "accessibility-commission-viti",
                    "kind": "accessibility_commission",
                    "label": "Commission for the accessibility of buildings, Viti",
                    "label_language": "en",
                    "names": {"en": "Commission for the accessibility of buildings, Viti"},
                    "is_synthetic": False,
                    "version": 2,
                    "source": "s0",
                    "locator": "L256",
                    "municipalities": [
                        {
                            "slug": "viti",
                            "label": "Viti",
                            "label_language": "en",
                            "valid_from": None,
                            "valid_until": None,
                            "source": "s0",
                            "locator": "L256",
                        }
                    ],
                    "states": [
                        {
                            "id": "0197a3c0-0000-7000-8000-000000000000",
                            "aspect": "established",
                            "holds": True,
                            "since": "2019-11-19",
                            "until": None,
                            "attested_on": "2020",
                            "decision": "02-370/01-1166",
                            "decided_on": "2019-11-19",
                            "printed_as": "Vitia",
                            "source": "s0",
                            "locator": "L256",
                        }
                    ],
                }
            ]
        }
    )

    code: str
    kind: str
    label: str
    label_language: str
    names: dict[str, str]
    is_synthetic: bool
    version: int
    municipalities: list[ServedOut]
    states: list[StateOut]


class BySexOut(BaseModel):
    """How many of one sex were there; null: of those whose sex is not told."""

    sex: Sex | None = Field(examples=["female"])
    persons: int = Field(examples=[4])


class ByCommunityOut(BaseModel):
    """How many of one community were there; null: of those whose community is not told."""

    community: str | None = Field(examples=["ashkali"])
    persons: int = Field(examples=[2])


class AttendanceOut(BaseModel):
    """Who was at a meeting."""

    persons: int = Field(examples=[9])
    by_sex: list[BySexOut]
    by_community: list[ByCommunityOut]


class MeetingOut(Citation):
    """A meeting; without attendance where no source tells of it."""

    id: UUID
    held_on: date
    topic: str | None
    attendance: AttendanceOut | None


class FrequencyMetOut(BaseModel):
    """How often the mechanism met and must meet in the year.

    `held` is null where no meeting of the year is recorded, `is_met` as long as nobody can say.
    """

    required: int | None = Field(examples=[12])
    held: int | None = Field(examples=[11])
    is_met: bool | None = Field(examples=[False])
    source: str | None = Field(examples=["osce-cc2019"])
    locator: str | None = Field(examples=["meetings"])


class MeetingsOut(BaseModel):
    """The meetings of a mechanism in a year."""

    mechanism: str = Field(examples=["demo-communities-committee-prishtine"])
    is_synthetic: bool
    year: int = Field(examples=[2026])
    summary: FrequencyMetOut
    items: list[MeetingOut]
