"""How a service at a place is shown in HSDS."""

from collections.abc import Sequence

from komuna_registry.directory.details import Place, Whole
from komuna_shared.languages import label

from .identifiers import identify
from .organizations import show_phones
from .schemas import HsdsAccessibilityOut, HsdsAddressOut, HsdsLocationOut, HsdsPlaceOut
from .showing import Setting, show_schedules

_COUNTRY = "XK"
_SCHEME = "code of this register"


def show_places(whole: Whole, setting: Setting) -> list[HsdsPlaceOut]:
    """Return the places of a service on a day, each with its address, hours and numbers."""
    return [
        show_place(whole, one, setting, is_full=True)
        for one in whole.places
        if is_used_on(one, setting)
    ]


def is_used_on(place: Place, setting: Setting) -> bool:
    """Tell whether the service is given at the place on the day."""
    begins, ends = place.link.valid_from, place.link.valid_until
    has_begun = begins is None or begins <= setting.day
    return has_begun and (ends is None or setting.day < ends)


def show_place(whole: Whole, place: Place, setting: Setting, *, is_full: bool) -> HsdsPlaceOut:
    """Return a service at a place; in full with the address, hours and numbers."""
    row, code = whole.said.row, place.location.code
    shown = HsdsPlaceOut(
        id=place.link.id,
        service_id=row.public_id,
        location_id=identify("location", code),
        location=_location(place, setting, is_full=is_full),
    )
    if is_full:
        shown.phones = show_phones([one for one in whole.channels if one.location == code])
        shown.schedules = show_schedules(
            row, [one for one in whole.schedules if one.location == code]
        )
    return shown


def find_place(places: Sequence[Place], code: str) -> Place:
    """Return the place of a code among those of a service that has it."""
    return next(one for one in places if one.location.code == code)


def _location(place: Place, setting: Setting, *, is_full: bool) -> HsdsLocationOut:
    row = place.location
    shown = HsdsLocationOut(
        id=identify("location", row.code),
        location_type=row.type.value,
        name=label(row.names, setting.language)[0],
        url=row.url,
        latitude=row.latitude,
        longitude=row.longitude,
        external_identifier=row.code,
        external_identifier_type=_SCHEME,
    )
    if is_full:
        shown.addresses = _addresses(place, setting)
        shown.accessibility = [
            HsdsAccessibilityOut(
                id=identify("accessibility", f"{row.code}:{one.feature.value}"),
                location_id=shown.id,
                description=one.feature.value,
                details="available" if one.is_available else "not available",
            )
            for one in place.accessibility
        ]
    return shown


def _addresses(place: Place, setting: Setting) -> list[HsdsAddressOut]:
    """Return the address, if all is known of it that HSDS asks for."""
    row = place.location
    if row.municipality is None or row.address is None or row.postal_code is None:
        return []
    city = label(setting.frame.names_of(row.municipality), setting.language)[0]
    return [
        HsdsAddressOut(
            id=identify("address", row.code),
            location_id=identify("location", row.code),
            address_1=row.address,
            city=city,
            # There are no states: HSDS asks for the next wider area, which is the municipality.
            state_province=city,
            postal_code=row.postal_code,
            country=_COUNTRY,
            address_type=row.type.value,
        )
    ]
