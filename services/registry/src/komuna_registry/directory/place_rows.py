"""What one row may say of a place, of hours, channels, costs and texts of services."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from komuna_registry.fields import Code, NameLanguage, Text
from komuna_registry.rows import NamedRow, SourcedRow, check_days

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

_DAY = "-?[1-5]?(MO|TU|WE|TH|FR|SA|SU)"
_NUMBER = "-?([1-9]|[12][0-9]|3[01])"
_PATTERNS = {
    ChannelKind.TELEPHONE: r"\+?[0-9][0-9 ()/-]{2,24}",
    ChannelKind.TEXT_MESSAGE: r"\+?[0-9][0-9 ()/-]{2,24}",
    ChannelKind.EMAIL: r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+",
    ChannelKind.WEBSITE: r"https?://[^\s]+",
}
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
# As Postgres keeps them, so that a file sent twice changes nothing.
Degrees = Annotated[Decimal, Field(max_digits=9, decimal_places=6)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2)]


class LocationRow(NamedRow):
    """A place that people go to, write to or visit on the net."""

    code: Code
    type: LocationType
    municipality: Code | None = None
    address: Text | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20)] | None = None
    latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = None
    url: Link | None = None
    is_synthetic: bool

    @model_validator(mode="after")
    def _check_somewhere(self) -> Self:
        placed = (self.municipality, self.address, self.postal_code, self.latitude, self.longitude)
        is_virtual = self.type is LocationType.VIRTUAL
        if is_virtual and any(one is not None for one in placed):
            raise PydanticCustomError("one_place", "A place on the net lies in no municipality.")
        if not is_virtual and self.municipality is None:
            raise PydanticCustomError("missing_value", "A place lies in a municipality.")
        if (self.latitude is None) is not (self.longitude is None):
            raise PydanticCustomError("missing_value", "One coordinate alone is no point.")
        return self


class AccessibilityRow(SourcedRow):
    """What a place has, or has not, for people with disabilities."""

    location: Code
    feature: AccessFeature
    is_available: bool


class _InTime(SourcedRow):
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.valid_from is not None:
            check_days(self.valid_from, self.valid_until)
        return self


class AtLocationRow(_InTime):
    """A service is given at a place."""

    service: Code
    location: Code


class ScheduleRow(_InTime):
    """Hours that repeat by the rules of iCalendar; without hours, the whole day."""

    service: Code
    location: Code | None = None
    freq: Frequency
    interval: Annotated[int, Field(ge=1, le=52)] = 1
    byday: Annotated[str, StringConstraints(pattern=f"^{_DAY}(,{_DAY})*$")] | None = None
    bymonthday: Annotated[str, StringConstraints(pattern=f"^{_NUMBER}(,{_NUMBER})*$")] | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    attending: Attending

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if (self.opens_at is None) is not (self.closes_at is None):
            raise PydanticCustomError("missing_value", "Hours have a beginning and an end.")
        return self


class _ChannelRow(SourcedRow):
    kind: ChannelKind
    value: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]

    @model_validator(mode="after")
    def _check_value(self) -> Self:
        if re.fullmatch(_PATTERNS[self.kind], self.value) is None:
            raise PydanticCustomError("channel", "This reaches nobody in that way.")
        return self


class ServiceChannelRow(_ChannelRow):
    """A way for everybody to reach a service, or one place of it."""

    service: Code
    location: Code | None = None


class InstitutionChannelRow(_ChannelRow):
    """A way for everybody to reach an institution as a whole."""

    institution: Code


class CostRow(_InTime):
    """What people pay; an amount only where one is fixed."""

    service: Code
    option: CostOption
    amount: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _check_amount(self) -> Self:
        is_fixed = self.option is CostOption.FIXED
        if is_fixed is (self.amount is None) or (self.amount is None) is not (
            self.currency is None
        ):
            raise PydanticCustomError(
                "missing_value", "A fixed cost, and no other, has an amount in a currency."
            )
        return self


class TextRow(SourcedRow):
    """A sentence about a service in one language."""

    service: Code
    kind: TextKind
    language: NameLanguage
    text: Words


class CapacityRow(SourcedRow):
    """How many a service can take."""

    service: Code
    unit: CapacityUnit
    amount: Annotated[int, Field(ge=0)]
    stated_on: date
