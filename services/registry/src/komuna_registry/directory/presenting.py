"""How the details of a service are told: where, when and how it is given."""

from komuna_registry.labels import labelled
from komuna_shared.database import Record

from .detail_schemas import (
    AccessFeatureOut,
    CapacityOut,
    ChannelOut,
    CostOut,
    DetailsOut,
    PlaceOut,
    ScheduleOut,
    TextOut,
)
from .details import Place, Whole


def present_details(whole: Whole, language: str) -> DetailsOut:
    """Return everything that is said of a service beyond its list."""
    own = [_channel(one, one.location, is_own=True) for one in whole.channels]
    shared = [_channel(one, None, is_own=False) for one in whole.institution_channels]
    return DetailsOut(
        minimum_age=whole.said.row.minimum_age,
        maximum_age=whole.said.row.maximum_age,
        places=[_place(one, language) for one in whole.places],
        schedules=[ScheduleOut.model_validate(one) for one in whole.schedules],
        channels=own + shared,
        costs=[CostOut.model_validate(one) for one in whole.costs],
        texts=[TextOut.model_validate(one) for one in whole.texts],
        capacities=[CapacityOut.model_validate(one) for one in whole.capacities],
    )


def _place(place: Place, language: str) -> PlaceOut:
    row = place.location
    return PlaceOut(
        id=place.link.id,
        code=row.code,
        type=row.type,
        **labelled(row.names, language),
        names=row.names,
        municipality=row.municipality,
        address=row.address,
        postal_code=row.postal_code,
        latitude=row.latitude,
        longitude=row.longitude,
        url=row.url,
        is_synthetic=row.is_synthetic,
        accessibility=[AccessFeatureOut.model_validate(one) for one in place.accessibility],
        valid_from=place.link.valid_from,
        valid_until=place.link.valid_until,
        source=row.source,
        locator=row.locator,
    )


def _channel(row: Record, location: str | None, *, is_own: bool) -> ChannelOut:
    return ChannelOut(
        of="service" if is_own else "institution",
        kind=row.kind,
        value=row.value,
        location=location,
        source=row.source,
        locator=row.locator,
    )
