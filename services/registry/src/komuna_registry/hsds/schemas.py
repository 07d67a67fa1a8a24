"""The shapes of HSDS 3.0 that this service gives; what is not known is left out, never null."""

from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")
Status = Literal["active", "inactive", "defunct", "temporarily closed"]


class HsdsOut(BaseModel):
    """What this API is, and by which profile of HSDS."""

    version: str = Field(examples=["3.0"])
    profile: str = Field(examples=["http://localhost:8080/docs"])
    openapi_url: str = Field(examples=["http://localhost:8080/openapi.json"])


class HsdsTaxonomyOut(BaseModel):
    """A list of terms."""

    id: UUID
    name: str = Field(examples=["Kinds of services"])
    description: str
    version: str = Field(examples=["1"])


class HsdsTermOut(BaseModel):
    """A term of a taxonomy."""

    id: UUID
    code: str = Field(examples=["legal_representation"])
    name: str = Field(examples=["Legal representation"])
    description: str
    parent_id: UUID | None = None
    taxonomy: str
    taxonomy_detail: HsdsTaxonomyOut
    language: str = Field(examples=["en"])


class HsdsAttributeOut(BaseModel):
    """A term that says something of a service."""

    id: UUID
    link_id: UUID
    link_entity: str = Field(examples=["service"])
    taxonomy_term_id: UUID
    taxonomy_term: HsdsTermOut


class HsdsLanguageOut(BaseModel):
    """A language in which people are helped."""

    id: UUID
    service_id: UUID
    code: str = Field(examples=["sq"])


class HsdsPhoneOut(BaseModel):
    """A number for everybody."""

    id: UUID
    number: str = Field(examples=["+383 38 000 001"])
    type: str = Field(examples=["voice"])


class HsdsScheduleOut(BaseModel):
    """Hours that repeat; without hours, the whole day."""

    id: UUID
    service_id: UUID
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="The last day.")
    dtstart: date | None = None
    wkst: str = Field(examples=["MO"])
    freq: str = Field(examples=["WEEKLY"])
    interval: int
    byday: str | None = None
    bymonthday: str | None = None
    opens_at: str | None = Field(None, examples=["08:00:00"])
    closes_at: str | None = Field(None, examples=["16:00:00"])
    attending_type: str = Field(examples=["in_person"])


class HsdsAreaOut(BaseModel):
    """Where people live whom a service takes; never where it is."""

    id: UUID
    service_id: UUID
    name: str
    uri: str | None = None


class HsdsCostOut(BaseModel):
    """What people pay."""

    id: UUID
    service_id: UUID
    option: str = Field(examples=["free"])
    amount: float | None = None
    currency: str | None = None
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="The last day.")


class HsdsAddressOut(BaseModel):
    """Where a place is."""

    id: UUID
    location_id: UUID
    address_1: str
    city: str
    state_province: str
    postal_code: str
    country: str = Field(examples=["XK"])
    address_type: Literal["physical", "postal", "virtual"]


class HsdsAccessibilityOut(BaseModel):
    """What a place has for people with disabilities."""

    id: UUID
    location_id: UUID
    description: str = Field(examples=["step_free_entrance"])
    details: str = Field(examples=["available"])


class HsdsLocationOut(BaseModel):
    """A place; `addresses` only where a service is shown in full."""

    id: UUID
    location_type: Literal["physical", "postal", "virtual"]
    name: str
    url: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    external_identifier: str
    external_identifier_type: str
    addresses: list[HsdsAddressOut] | None = None
    accessibility: list[HsdsAccessibilityOut] | None = None


class HsdsIdentifierOut(BaseModel):
    """Under which code others know an organization."""

    id: UUID
    organization_id: UUID
    identifier_type: str
    identifier: str


class HsdsOrganizationOut(BaseModel):
    """An institution that offers at least one service you may know of."""

    id: UUID
    name: str
    description: str
    email: str | None = None
    website: str | None = None
    phones: list[HsdsPhoneOut] | None = None
    organization_identifiers: list[HsdsIdentifierOut] | None = None
    services: list["HsdsServiceOut"] | None = None


class HsdsPlaceOut(BaseModel):
    """A service at a place; a confidential service is at none."""

    id: UUID
    service_id: UUID
    location_id: UUID
    location: HsdsLocationOut
    phones: list[HsdsPhoneOut] | None = None
    schedules: list[HsdsScheduleOut] | None = None
    service: "HsdsServiceOut | None" = None


class HsdsServiceOut(BaseModel):
    """A service; lists leave the arrays out unless asked for it in `full`."""

    model_config = ConfigDict(json_schema_extra={"description": "A service of the directory."})

    id: UUID
    organization_id: UUID | None = None
    name: str
    description: str | None = None
    url: str | None = None
    email: str | None = None
    status: Status
    interpretation_services: str | None = None
    application_process: str | None = None
    fees_description: str | None = None
    eligibility_description: str | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    licenses: str | None = None
    alert: str | None = None
    last_modified: datetime
    organization: HsdsOrganizationOut | None = None
    phones: list[HsdsPhoneOut] | None = None
    schedules: list[HsdsScheduleOut] | None = None
    service_areas: list[HsdsAreaOut] | None = None
    service_at_locations: list[HsdsPlaceOut] | None = None
    languages: list[HsdsLanguageOut] | None = None
    cost_options: list[HsdsCostOut] | None = None
    attributes: list[HsdsAttributeOut] | None = None


class HsdsStampOut(BaseModel):
    """Which services there are, and when each last changed: what `minimal` gives."""

    id: UUID
    last_modified: datetime
    modified_date: datetime


class HsdsPageOut(BaseModel, Generic[Item]):
    """One page of a list, in the shape of HSDS."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[Item]
