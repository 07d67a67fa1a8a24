"""What a Popolo document holds, with what Popolo has no place for beside it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PopoloDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")]


class PopoloLinkOut(BaseModel):
    """A document that a statement was taken from; the note is the place in it."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(examples=["https://komuna.example/registry/v1/sources/s0"])
    note: str = Field(examples=["L205"])


class PopoloOtherNameOut(BaseModel):
    """Another name, an abbreviation or a misspelling, and when it was in use."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["OGG"])
    lang: str = Field(examples=["en"])
    note: str = Field(examples=["abbreviation"])
    start_date: PopoloDate | None
    end_date: PopoloDate | None


class PopoloPersonOut(BaseModel):
    """A holder of a public office; nothing is told of how to reach them."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["habit-hajredini"])
    name: str = Field(examples=["Habit Hajredini"])
    gender: Literal["female", "male"] | None
    sources: list[PopoloLinkOut]


class PopoloOrganizationOut(BaseModel):
    """An institution or a municipality; `valid_from` is as imprecise as its source."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["ogg"])
    name: str = Field(examples=["Office for Good Governance"])
    name_language: str = Field(examples=["en"])
    other_names: list[PopoloOtherNameOut]
    classification: str = Field(examples=["government"])
    parent_id: str | None = Field(examples=["opm"])
    area_id: str | None
    founding_date: PopoloDate | None
    dissolution_date: PopoloDate | None
    valid_from: str | None
    valid_until: str | None
    sources: list[PopoloLinkOut]


class PopoloPostOut(BaseModel):
    """One seat of an office."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["ogg-director:1"])
    label: str = Field(examples=["Director, Office for Good Governance"])
    label_language: str = Field(examples=["en"])
    role: str = Field(examples=["director"])
    organization_id: str = Field(examples=["ogg"])
    area_id: str | None
    sources: list[PopoloLinkOut]


class PopoloMemberOut(BaseModel):
    """The organization that belongs to another."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["organization"] = Field(alias="@type")
    id: str = Field(examples=["mlg"])


class PopoloMembershipOut(BaseModel):
    """Somebody holds a post, or belongs to a body; `since` is as imprecise as its source.

    A member is a person (`person_id`) or an organization (`member`).
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    role: str = Field(examples=["director"])
    person_id: str | None = Field(examples=["habit-hajredini"])
    member: PopoloMemberOut | None
    organization_id: str = Field(examples=["ogg"])
    post_id: str | None = Field(examples=["ogg-director:1"])
    is_acting: bool
    start_date: PopoloDate | None
    end_date: PopoloDate | None
    since: str | None
    until: str | None
    attested_on: str | None = Field(examples=["2020"])
    sources: list[PopoloLinkOut]


class PopoloAreaOut(BaseModel):
    """A municipality or a region."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(examples=["municipality:obiliq"])
    name: str = Field(examples=["Obiliq"])
    name_language: str = Field(examples=["sq"])
    identifier: str = Field(examples=["obiliq"])
    classification: str = Field(examples=["municipality"])
    parent_id: str | None = Field(examples=["district-prishtina"])
    sources: list[PopoloLinkOut]


class PopoloOut(BaseModel):
    """Institutions, offices and who holds them, in the shapes of Popolo."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "persons": [
                        {
                            "id": "habit-hajredini",
                            "name": "Habit Hajredini",
                            "gender": "male",
                            "sources": [
                                {
                                    "url": "https://komuna.example/registry/v1/sources/s0",
                                    "note": "L205",
                                }
                            ],
                        }
                    ],
                    "organizations": [],
                    "posts": [],
                    "memberships": [],
                    "areas": [],
                }
            ]
        },
    )

    persons: list[PopoloPersonOut]
    organizations: list[PopoloOrganizationOut]
    posts: list[PopoloPostOut]
    memberships: list[PopoloMembershipOut]
    areas: list[PopoloAreaOut]
