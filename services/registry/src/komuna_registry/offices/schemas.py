"""What callers are told about offices and who holds them."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.periods import Certainty

from .rules import OwnerKind, Sex

MADE_UP = "Made up for the demonstration, as its source says."


class HolderOut(BaseModel):
    """A person known for a public office; sex is null where no source tells it."""

    code: str = Field(examples=["werner-almhofer"])
    name: str = Field(examples=["Werner Almhofer"])
    sex: Sex | None
    sex_source: str | None
    sex_locator: str | None
    community: str | None
    is_synthetic: bool = Field(description=MADE_UP)


class HolderPageOut(HolderOut, Citation):
    """A person known for a public office, and by which source they are called so."""

    community_source: str | None
    community_locator: str | None
    version: int


class TenureOut(Citation):
    """Somebody holds or held a seat; the dates keep the precision of the source.

    `attested_on` is when a source saw them in office. `certainty` is about `held_on`, and null
    without it: on a day inside an imprecise beginning or end it is `possible`.
    """

    id: UUID
    office: str = Field(examples=["osce-head-of-mission"])
    seat: int
    holder: HolderOut
    since: str | None = Field(examples=["2008"])
    until: str | None = Field(examples=["2012"])
    attested_on: str | None
    is_acting: bool
    is_synthetic: bool = Field(description=MADE_UP)
    certainty: Certainty | None
    version: int
    until_source: str | None = Field(description="The act that ended it, where it is another one.")
    until_locator: str | None


class OwnerOut(BaseModel):
    """The institution or municipality that an office belongs to."""

    kind: Literal["institution", "municipality"]
    code: str = Field(examples=["osce-mission"])
    label: str = Field(examples=["OSCE Mission in Kosovo"])
    label_language: str = Field(examples=["en"])


class OfficeOut(Citation):
    """An office, with its tenures: all of them, or those of the day that was asked for.

    `is_vacant` is about that day, or today: true where an act ended the last known tenure of a
    seat, false where every seat is certainly held, and null where nobody knows. Tenures that are
    made up say nothing of it, unless the office is made up too.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "osce-head-of-mission",
                    "kind": "head_of_mission",
                    "label": "Head of Mission, OSCE Mission in Kosovo",
                    "label_language": "en",
                    "names": {"en": "Head of Mission, OSCE Mission in Kosovo"},
                    "owner": {
                        "kind": "institution",
                        "code": "osce-mission",
                        "label": "OSCE Mission in Kosovo",
                        "label_language": "en",
                    },
                    "seats": 1,
                    "is_vacant": None,
                    "vacant_since": None,
                    "is_synthetic": False,
                    "version": 1,
                    "source": "s4",
                    "locator": "L222",
                    "tenures": [
                        {
                            "id": "0197a3c0-0000-7000-8000-000000000000",
                            "office": "osce-head-of-mission",
                            "seat": 1,
                            "holder": {
                                "code": "werner-almhofer",
                                "name": "Werner Almhofer",
                                "sex": None,
                                "sex_source": None,
                                "sex_locator": None,
                                "community": None,
                                "is_synthetic": False,
                            },
                            "since": "2008",
                            "until": "2012",
                            "attested_on": None,
                            "is_acting": False,
                            "is_synthetic": False,
                            "certainty": "certain",
                            "version": 1,
                            "source": "s4",
                            "locator": "L537",
                            "until_source": None,
                            "until_locator": None,
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
    owner: OwnerOut
    seats: int
    is_vacant: bool | None
    vacant_since: str | None = Field(examples=["2026-02-28"])
    is_synthetic: bool = Field(description=MADE_UP)
    version: int
    tenures: list[TenureOut]


class OfficeKindOut(Citation):
    """A kind of office."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "mayor",
                    "label": "Mayor",
                    "label_language": "en",
                    "names": {"sq": "Kryetar i komunës", "en": "Mayor"},
                    "owners": ["municipality"],
                    "version": 1,
                    "source": "s0",
                    "locator": "L89",
                }
            ]
        }
    )

    code: str
    label: str
    label_language: str
    names: dict[str, str]
    owners: list[OwnerKind] = Field(description="Whose an office of this kind can be.")
    version: int
