"""The file that areas of services come in; a confidential one is never narrowed to a town."""

from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from komuna_registry.fields import Code
from komuna_registry.municipalities.models import Municipality, Region
from komuna_registry.rows import SourcedRow
from komuna_shared.imports import Collection

from .imports import OF_SERVICE
from .models import ServiceArea
from .parts import Part, part

_TOWN = "A confidential service has a region as its area, or the whole, never a municipality."


class AreaRow(SourcedRow):
    """Where people live whom a service takes; without a place, everywhere."""

    service: Code
    region: Code | None = None
    municipality: Code | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.region is not None and self.municipality is not None:
            raise PydanticCustomError(
                "one_place", "An area is a region or a municipality, not both."
            )
        return self


COLLECTIONS: tuple[Collection[Any], ...] = (
    part(
        "service_areas",
        AreaRow,
        Part(
            ServiceArea,
            ("service", "region", "municipality"),
            {**OF_SERVICE, "region": Region.code, "municipality": Municipality.slug},
            refused="municipality",
            refusal=_TOWN,
        ),
    ),
)
