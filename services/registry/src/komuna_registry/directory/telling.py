"""How a service is told: in an answer of a day, and in the feed for every day."""

from datetime import date
from typing import Any

from komuna_registry.labels import labelled
from komuna_shared.changes import Change
from komuna_shared.database import Record

from .details import Whole
from .presenting import present_details
from .queries import Said, find_licence, is_valid
from .schemas import AreaKind, AreaOut, LicenceOut, ServiceOut, ServicePageOut

_ANY = "en"


def describe(said: Said, day: date, language: str) -> ServiceOut:
    """Return a service as lists show it."""
    return ServiceOut(**_describe(said, day, language))


def describe_whole(whole: Whole, day: date, language: str) -> ServicePageOut:
    """Return a service with everything that is said about it."""
    said = whole.said
    return ServicePageOut(
        **_describe(said, day, language),
        **dict(present_details(whole, language)),
        licences=[_licence(one, day) for one in said.licences],
        version=said.row.version,
    )


def as_change(whole: Whole) -> Change:
    """Return what followers of a service's own audience are told."""
    said, row = whole.said, whole.said.row
    details = present_details(whole, _ANY)
    data = {
        "code": row.code,
        "institution": row.institution,
        "type": row.type.value,
        "audience": row.audience.value,
        "status": row.status.value,
        "is_confidential": row.is_confidential,
        "is_synthetic": row.is_synthetic,
        "names": row.names,
        "areas": [_area(one).model_dump(mode="json") for one in said.areas],
        "languages": [one.language for one in said.languages],
        "eligibility": [one.code.value for one in said.eligibility],
        "licences": [
            {
                "number": one.number,
                "issuer": one.issuer,
                "valid_from": one.valid_from.isoformat(),
                "valid_until": one.valid_until.isoformat() if one.valid_until else None,
            }
            for one in said.licences
        ],
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        # Labels are in a language, which followers have not chosen: they have the names.
        **details.model_dump(
            mode="json", exclude={"places": {"__all__": {"label", "label_language"}}}
        ),
    }
    return Change("service", row.code, row.version, data, audience=row.audience.value)


def _describe(said: Said, day: date, language: str) -> dict[str, Any]:
    row = said.row
    licence = find_licence(said.licences, day)
    return {
        "code": row.code,
        **labelled(row.names, language),
        "names": row.names,
        "institution": row.institution,
        "type": row.type,
        "audience": row.audience,
        "status": row.status,
        "is_confidential": row.is_confidential,
        "is_synthetic": row.is_synthetic,
        "areas": [_area(one) for one in said.areas],
        "languages": [one.language for one in said.languages],
        "eligibility": [one.code for one in said.eligibility],
        "licence": None if licence is None else _licence(licence, day),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "source": row.source,
        "locator": row.locator,
    }


def _area(row: Record) -> AreaOut:
    if row.municipality is not None:
        return AreaOut(kind=AreaKind.MUNICIPALITY, code=row.municipality)
    kind = AreaKind.NATIONAL if row.region is None else AreaKind.REGION
    return AreaOut(kind=kind, code=row.region)


def _licence(row: Record, day: date) -> LicenceOut:
    return LicenceOut(
        number=row.number,
        issuer=row.issuer,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        is_valid=is_valid(row, day),
        source=row.source,
        locator=row.locator,
    )
