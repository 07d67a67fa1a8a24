"""What a list of HSDS may be narrowed by; every filter narrows what the others left."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from komuna_registry.fields import Code, NameLanguage
from komuna_shared.days import Instant

PER_PAGE = 50
MAX_PER_PAGE = 200
_PAGES = 1_000_000
_NUMBERS = frozenset({"page", "per_page", "age"})
_SWITCHES = frozenset({"full", "minimal"})
_ID = "The identifier of HSDS; one that names nothing finds nothing."


class PagesIn(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: Annotated[int, Field(ge=1, le=_PAGES, examples=[1])] = 1
    per_page: Annotated[int, Field(ge=1, le=MAX_PER_PAGE, examples=[50])] = PER_PAGE

    @property
    def offset(self) -> int:
        """The number of things on earlier pages."""
        return (self.page - 1) * self.per_page


class OrganizationsIn(PagesIn):
    """Which organizations, and how much of them."""

    full: bool = Field(default=False, description="With numbers and the services of each.")
    full_service: bool = Field(default=False, description="With `full`, its services in full.")


class TermsIn(PagesIn):
    """Which terms."""

    taxonomy_id: UUID | None = Field(None, description=_ID)
    parent_id: UUID | None = Field(None, description="Only those right below this term.")
    top_only: bool = Field(default=False, description="Only terms that are below no other.")


class NarrowedIn(PagesIn):
    """Which services, or places of them."""

    taxonomy_term_id: UUID | None = Field(None, description=_ID)
    taxonomy_id: UUID | None = Field(None, description=_ID)
    organization_id: UUID | None = Field(None, description=_ID)
    modified_after: Instant | None = Field(
        None,
        description="Only what changed at this instant or later.",
        examples=["2026-01-01T00:00:00Z"],
    )
    full: bool = Field(default=False, description="With everything that belongs to each.")


class ServicesIn(NarrowedIn):
    """Which services, and how much of them."""

    minimal: bool = Field(
        default=False, description="Only identifier and time of change, all on one page."
    )


class _AskedIn(BaseModel):
    """What somebody looks for may tell something of them, so it comes in a body, not in a URL."""

    @field_validator("*", mode="before")
    @classmethod
    def _check_type(cls, value: Any, field: ValidationInfo) -> Any:
        # A query has texts alone, so the list reads numbers from them; a body has types.
        if field.field_name in _NUMBERS and isinstance(value, str | bool):
            raise PydanticKnownError("int_type")
        if field.field_name in _SWITCHES and not isinstance(value, bool):
            raise PydanticKnownError("bool_type")
        return value

    search: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="Words that are all in the names and texts of a service.",
            examples=["legal"],
        ),
    ] = None
    municipality: Code | None = Field(
        None, description="Where somebody lives.", examples=["prizren"]
    )
    language: NameLanguage | None = Field(None, description="In which language.", examples=["sq"])
    age: Annotated[
        int | None, Field(ge=0, le=120, description="How old somebody is.", examples=[34])
    ] = None


class ServiceSearchIn(ServicesIn, _AskedIn):
    """Which services, for whom."""


class PlaceSearchIn(NarrowedIn, _AskedIn):
    """Which services at places, for whom, and where."""

    postcode: Annotated[
        str | None,
        Field(max_length=20, description="Of the place.", examples=["10000"]),
    ] = None


Narrowed = NarrowedIn | ServicesIn | ServiceSearchIn | PlaceSearchIn
