"""What callers are told about activities, and how many there were."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.offices.rules import Sex

from .rules import ActivityKind, Extent, Part, ParticipantStatus, Reason


class ActivityPlaceOut(Citation):
    """A municipality in which the activity took place."""

    slug: str = Field(examples=["obiliq"])
    label: str = Field(examples=["Obiliq"])
    label_language: str = Field(examples=["sq"])


class ActivityPartyOut(Citation):
    """Who organised, supported or took part: registered here, or a name as printed."""

    part: Part
    kind: Literal["institution", "municipality", "name"]
    code: str | None = Field(examples=["ogg"])
    label: str = Field(examples=["Office for Good Governance"])
    label_language: str | None = Field(examples=["en"])


class ParticipantsOut(Citation):
    """How many of one sex and community took part; null with the status that says why."""

    sex: Sex | None = Field(examples=["female"])
    community: str | None = Field(examples=["ashkali"])
    persons: int | None = Field(examples=[6])
    status: ParticipantStatus
    reason: Reason | None


class ActivityEvidenceOut(Citation):
    """Where the activity can be seen."""

    url: str = Field(examples=["https://komuna.example/trajnim-2026-03-04"])
    title: str | None = Field(examples=["List of participants (demonstration)"])


class ActivityOut(Citation):
    """An activity; `extent` says whether it lasted all of `period` or some of it.

    No rows of `participants` mean that no source tells of them, not that nobody came.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "plemetin-public-debate-2020",
                    "kind": "public_meeting",
                    "label": "Public debate on displaced persons in Plemetin",
                    "label_language": "en",
                    "names": {"en": "Public debate on displaced persons in Plemetin"},
                    "topic": "Displaced persons",
                    "period": "2020",
                    "extent": "within",
                    "municipalities": [
                        {
                            "slug": "obiliq",
                            "label": "Obiliq",
                            "label_language": "sq",
                            "source": "s0",
                            "locator": "L186",
                        }
                    ],
                    "parties": [
                        {
                            "part": "organiser",
                            "kind": "municipality",
                            "code": "obiliq",
                            "label": "Obiliq",
                            "label_language": "sq",
                            "source": "s0",
                            "locator": "L186",
                        }
                    ],
                    "participants": [
                        {
                            "sex": None,
                            "community": "roma",
                            "persons": None,
                            "status": "L",
                            "reason": "not_in_source",
                            "source": "s0",
                            "locator": "L186",
                        }
                    ],
                    "evidence": [],
                    "note": None,
                    "keeper": None,
                    "is_synthetic": False,
                    "version": 4,
                    "source": "s0",
                    "locator": "L186",
                }
            ]
        }
    )

    code: str
    kind: ActivityKind
    label: str
    label_language: str
    names: dict[str, str]
    topic: str | None
    period: str
    extent: Extent
    municipalities: list[ActivityPlaceOut]
    parties: list[ActivityPartyOut]
    participants: list[ParticipantsOut]
    evidence: list[ActivityEvidenceOut]
    note: str | None
    keeper: str | None = Field(description="The municipality whose officers change this record.")
    is_synthetic: bool
    version: int


class ActivityGroupOut(BaseModel):
    """How many activities, and how many people are known to have taken part.

    `participant_count` is null where no source tells a number, with the status and the reason;
    `untold_count` are the activities of which some or all participants are not told.
    """

    activity_count: int = Field(examples=[3])
    participant_count: int | None = Field(examples=[41])
    status: ParticipantStatus
    reason: Reason | None
    untold_count: int = Field(examples=[1])


class OrganiserOut(BaseModel):
    """Who organised the activities of a group."""

    kind: Literal["institution", "municipality", "name"]
    code: str = Field(examples=["ogg"])


class ActivityGroupItemOut(ActivityGroupOut):
    """One group; only what was asked `by` is named, null where no source tells it."""

    kind: ActivityKind | None = Field(default=None, examples=["training"])
    municipality: str | None = Field(default=None, examples=["viti"])
    organiser: OrganiserOut | None = None
    sex: Sex | None = Field(default=None, examples=["female"])
    community: str | None = Field(default=None, examples=["ashkali"])


class ActivityPublishedOut(Citation):
    """A published total of activities that are not told apart; `link` leads to the figure."""

    kind: ActivityKind
    indicator: str = Field(examples=["official-trainings"])
    period: str = Field(examples=["2021-11-01/P12M"])
    link: str = Field(
        examples=["/indicators/v1/observations?indicator=official-trainings&period=2021-11-01/P12M"]
    )


class ActivityCountsOut(BaseModel):
    """Activities counted from what is registered; made-up ones are never among real ones.

    The groups add up: their activities together are `total` and `repeated_count`, their
    participants together are `total` and `repeated_participant_count`.
    """

    by: list[str] = Field(examples=[["kind"]])
    period: str | None = Field(examples=["2020"])
    origin: Literal["registered", "synthetic"]
    is_synthetic: bool
    total: ActivityGroupOut
    overlapping_count: int = Field(
        description="Activities that lie only partly in the period, or may; they are in no group."
    )
    repeated_count: int = Field(
        description="How often an activity stands in one more group, having several."
    )
    repeated_participant_count: int
    items: list[ActivityGroupItemOut]
    published: list[ActivityPublishedOut]
