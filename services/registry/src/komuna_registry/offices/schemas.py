"""What callers are told about offices and who holds them."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation
from komuna_registry.periods import Certainty

from .rules import Sex


class HolderOut(BaseModel):
    """A person known for a public office; sex is null where no source tells it."""

    code: str = Field(examples=["werner-almhofer"])
    name: str = Field(examples=["Werner Almhofer"])
    sex: Sex | None
    sex_source: str | None
    sex_locator: str | None
    community: str | None


class TenureOut(Citation):
    """Somebody holds or held a seat; the dates keep the precision of the source.

    `attested_on` is when a source saw them in office. `certainty` is about `held_on`, and null
    without it: on a day inside an imprecise beginning or end it is `possible`.
    """

    id: UUID
    seat: int
    holder: HolderOut
    since: str | None = Field(examples=["2008"])
    until: str | None = Field(examples=["2012"])
    attested_on: str | None
    is_acting: bool
    certainty: Certainty | None


class OwnerOut(BaseModel):
    """The institution or municipality that an office belongs to."""

    kind: Literal["institution", "municipality"]
    code: str = Field(examples=["osce-mission"])
    label: str = Field(examples=["OSCE Mission in Kosovo"])


class OfficeOut(Citation):
    """An office, with its tenures: all of them, or those of the day that was asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "osce-head-of-mission",
                    "kind": "head_of_mission",
                    "label": "Head of Mission, OSCE Mission in Kosovo",
                    "names": {"en": "Head of Mission, OSCE Mission in Kosovo"},
                    "owner": {
                        "kind": "institution",
                        "code": "osce-mission",
                        "label": "OSCE Mission in Kosovo",
                    },
                    "seats": 1,
                    "version": 1,
                    "source": "s4",
                    "locator": "L222",
                    "tenures": [
                        {
                            "id": "0197a3c0-0000-7000-8000-000000000000",
                            "seat": 1,
                            "holder": {
                                "code": "werner-almhofer",
                                "name": "Werner Almhofer",
                                "sex": None,
                                "sex_source": None,
                                "sex_locator": None,
                                "community": None,
                            },
                            "since": "2008",
                            "until": "2012",
                            "attested_on": None,
                            "is_acting": False,
                            "certainty": "certain",
                            "source": "s4",
                            "locator": "L537",
                        }
                    ],
                }
            ]
        }
    )

    code: str
    kind: str
    label: str
    names: dict[str, str]
    owner: OwnerOut
    seats: int
    version: int
    tenures: list[TenureOut]
