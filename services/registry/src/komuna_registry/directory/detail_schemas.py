"""What callers are told about where, when and how a service is given."""

from datetime import date, time
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_registry.citations import Citation

from .rules import (
    AccessFeature,
    Attending,
    CapacityUnit,
    ChannelKind,
    CostOption,
    Frequency,
    LocationType,
    TextKind,
)

_CITED: JsonDict = {"source": "demonstration", "locator": "record"}
_FEATURE: JsonDict = {**_CITED, "feature": "step_free_entrance", "is_available": True}
_PLACE: JsonDict = {
    **_CITED,
    "id": "0197a3c0-0000-7000-8000-000000000000",
    "code": "demo-legal-aid-office",
    "type": "physical",
    "label": "Legal aid office (demonstration)",
    "label_language": "en",
    "names": {"en": "Legal aid office (demonstration)"},
    "municipality": "prishtine",
    "address": "Demonstration Street 1",
    "postal_code": "10000",
    "latitude": None,
    "longitude": None,
    "url": None,
    "is_synthetic": True,
    "accessibility": [_FEATURE],
    "valid_from": "2026-01-01",
    "valid_until": None,
}
_SCHEDULE: JsonDict = {
    **_CITED,
    "id": "0197a3c0-0000-7000-8000-000000000000",
    "location": "demo-legal-aid-office",
    "freq": "WEEKLY",
    "interval": 1,
    "byday": "MO,TU,WE,TH,FR",
    "bymonthday": None,
    "opens_at": "08:00:00",
    "closes_at": "16:00:00",
    "attending": "in_person",
    "valid_from": "2026-01-01",
    "valid_until": None,
}
_CHANNEL: JsonDict = {
    **_CITED,
    "of": "service",
    "kind": "email",
    "value": "legal-aid@vaao.example",
    "location": None,
}
_COST: JsonDict = {
    **_CITED,
    "option": "free",
    "amount": None,
    "currency": None,
    "valid_from": "2026-01-01",
    "valid_until": None,
}
_SAID: JsonDict = {
    **_CITED,
    "kind": "description",
    "language": "en",
    "text": "A lawyer speaks for you before the court (demonstration).",
}
_CAPACITY: JsonDict = {
    **_CITED,
    "unit": "appointments_a_week",
    "amount": 20,
    "stated_on": "2026-01-01",
}
EXAMPLES: JsonDict = {
    "minimum_age": 18,
    "maximum_age": None,
    "places": [_PLACE],
    "schedules": [_SCHEDULE],
    "channels": [_CHANNEL],
    "costs": [_COST],
    "texts": [_SAID],
    "capacities": [_CAPACITY],
}


def _example(one: JsonDict) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"examples": [one]})


class AccessFeatureOut(Citation):
    """Whether a place has something for people with disabilities."""

    model_config = _example(_FEATURE)

    feature: AccessFeature
    is_available: bool


class PlaceOut(Citation):
    """Where a service is given; a confidential one has no place at all."""

    model_config = _example(_PLACE)

    id: UUID
    code: str
    type: LocationType
    label: str
    label_language: str = Field(examples=["en"])
    names: dict[str, str]
    municipality: str | None
    address: str | None
    postal_code: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    url: str | None
    is_synthetic: bool
    accessibility: list[AccessFeatureOut]
    valid_from: date | None
    valid_until: date | None


class ScheduleOut(Citation):
    """Hours that repeat by the rules of iCalendar; without hours, the whole day."""

    model_config = _example(_SCHEDULE)

    id: UUID
    location: str | None = Field(description="Code of the place; null where at all of them.")
    freq: Frequency
    interval: int
    byday: str | None
    bymonthday: str | None
    opens_at: time | None
    closes_at: time | None
    attending: Attending
    valid_from: date | None
    valid_until: date | None


class ChannelOut(Citation):
    """A way for everybody to reach the service, or its institution as a whole."""

    model_config = _example(_CHANNEL)

    of: Literal["service", "institution"]
    kind: ChannelKind
    value: str
    location: str | None


class CostOut(Citation):
    """What people pay; an amount only where one is fixed."""

    model_config = _example(_COST)

    option: CostOption
    amount: Decimal | None
    currency: str | None
    valid_from: date | None
    valid_until: date | None


class TextOut(Citation):
    """A sentence about the service in one language."""

    model_config = _example(_SAID)

    kind: TextKind
    language: str
    text: str


class CapacityOut(Citation):
    """How many the service can take; of a confidential one it is told to nobody."""

    model_config = _example(_CAPACITY)

    unit: CapacityUnit
    amount: int
    stated_on: date


class DetailsOut(BaseModel):
    """Where, when and how a service is given."""

    model_config = _example(EXAMPLES)

    minimum_age: int | None
    maximum_age: int | None
    places: list[PlaceOut]
    schedules: list[ScheduleOut]
    channels: list[ChannelOut]
    costs: list[CostOut]
    texts: list[TextOut]
    capacities: list[CapacityOut]
