"""What callers are told about services that help people."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_registry.citations import Citation

from .detail_schemas import EXAMPLES, DetailsOut
from .rules import Audience, Eligibility, ServiceStatus, ServiceType

_LICENCE: JsonDict = {
    "source": "demonstration",
    "locator": "licence",
    "number": "DEMO-1",
    "issuer": "mlsw",
    "valid_from": "2026-01-01",
    "valid_until": "2029-01-01",
    "is_valid": True,
}
_SERVICE: JsonDict = {
    "source": "demonstration",
    "locator": "service",
    "code": "vaao-legal-aid",
    "label": "Legal representation of victims (demonstration)",
    "label_language": "en",
    "names": {"en": "Legal representation of victims (demonstration)"},
    "institution": "vaao",
    "type": "legal_representation",
    "audience": "public",
    "status": "active",
    "is_confidential": False,
    "is_synthetic": True,
    "areas": [{"kind": "national", "code": None}],
    "languages": ["sq", "sr-Latn", "en"],
    "eligibility": ["adult"],
    "licence": _LICENCE,
    "valid_from": "2026-01-01",
    "valid_until": None,
}


class AreaKind(StrEnum):
    """How wide an area is."""

    NATIONAL = "national"
    REGION = "region"
    MUNICIPALITY = "municipality"


class AreaOut(BaseModel):
    """Where people live whom a service takes; it never says where the service is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "region", "code": "district-prizren"}]}
    )

    kind: AreaKind
    code: str | None = Field(description="Of a region or municipality; null where national.")


class LicenceOut(Citation):
    """A permission to offer a service; `is_valid` is said of the day that was asked about."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LICENCE]})

    number: str
    issuer: str = Field(description="The code of the institution that gave it.")
    valid_from: date
    valid_until: date | None
    is_valid: bool


class ServiceOut(Citation):
    """A service as lists show it; `licence` is the one of the day, else the latest before it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SERVICE]})

    code: str
    label: str
    label_language: str = Field(examples=["en"])
    names: dict[str, str]
    institution: str
    type: ServiceType
    audience: Audience
    status: ServiceStatus
    is_confidential: bool = Field(description="Where it is, is told to nobody.")
    is_synthetic: bool = Field(description="Made up for the demonstration.")
    areas: list[AreaOut]
    languages: list[str]
    eligibility: list[Eligibility]
    licence: LicenceOut | None
    valid_from: str | None
    valid_until: str | None


class ServicePageOut(ServiceOut, DetailsOut):
    """A service with every licence that it ever had, and where, when and how it is given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_SERVICE, **EXAMPLES, "licences": [_LICENCE], "version": 1}]
        }
    )

    licences: list[LicenceOut]
    version: int


class StandingOut(BaseModel):
    """Whether a service may take somebody on a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service": "isf-accommodation",
                    "institution": "isf",
                    "type": "interim_security_facility",
                    "on": "2026-11-22",
                    "is_active": True,
                    "is_licensed": True,
                    "licence_until": "2029-01-01",
                    "is_synthetic": True,
                }
            ]
        }
    )

    service: str
    institution: str
    type: ServiceType
    on: date
    is_active: bool = Field(description="Its status is active, and it certainly exists then.")
    is_licensed: bool
    licence_until: date | None = Field(
        description="The first day on which the licence of the day no longer holds; null where "
        "there is none, or where it has no end."
    )
    is_synthetic: bool
