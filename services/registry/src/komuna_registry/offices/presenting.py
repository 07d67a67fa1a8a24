"""How offices, their kinds and those who hold them are told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_registry.owners import show_owner
from komuna_registry.periods import Presence
from komuna_registry.tables import read_days
from komuna_shared.database import Record

from .rules import Held, Vacancy, find_vacancy, owners_of


def show_office(
    row: Record, tenures: Sequence[Record], frame: Frame, language: str, day: date
) -> dict[str, Any]:
    """Return an office without its tenures, which tell whether a seat is vacant on `day`."""
    vacancy = _vacancy(row, tenures, day)
    return {
        "code": row.code,
        "kind": row.kind,
        **labelled(row.names, language),
        "names": row.names,
        "owner": show_owner(row, frame, language),
        "seats": row.seats,
        "is_vacant": vacancy.is_vacant,
        "vacant_since": vacancy.since,
        "is_synthetic": row.is_synthetic,
        "version": row.version,
        "source": row.source,
        "locator": row.locator,
    }


def show_tenure(row: Record, held_on: date | None = None) -> dict[str, Any]:
    """Return a tenure; how sure it is that it held on a day, where one is asked for."""
    return {
        "id": row.id,
        "office": row.office,
        "seat": row.seat,
        "holder": {
            "code": row.holder,
            "name": row.name,
            "sex": row.sex,
            "sex_source": row.sex_source,
            "sex_locator": row.sex_locator,
            "community": row.community,
            "is_synthetic": row.is_made_up_holder,
        },
        "since": row.since,
        "until": row.until,
        "attested_on": row.attested_on,
        "is_acting": row.is_acting,
        "is_synthetic": row.is_synthetic,
        "certainty": _presence(row).on(held_on) if held_on else None,
        "version": row.version,
        "source": row.source,
        "locator": row.locator,
        "until_source": row.until_source,
        "until_locator": row.until_locator,
    }


def show_holder(row: Record) -> dict[str, Any]:
    """Return what is said of somebody who is known for a public office."""
    said = ("sex", "sex_source", "sex_locator")
    told = ("community", "community_source", "community_locator")
    named = ("code", "name", *said, *told, "is_synthetic", "version", "source", "locator")
    return {name: getattr(row, name) for name in named}


def show_kind(row: Record, language: str) -> dict[str, Any]:
    """Return a kind of office."""
    return {
        "code": row.code,
        **labelled(row.names, language),
        "names": row.names,
        "owners": owners_of(row.code),
        "version": row.version,
        "source": row.source,
        "locator": row.locator,
    }


def _presence(row: Record) -> Presence:
    return Presence(read_days(row.certain), read_days(row.possible))


def _vacancy(row: Record, tenures: Sequence[Record], day: date) -> Vacancy:
    # Somebody made up neither fills a real seat nor leaves one.
    held = [
        Held(one.seat, _presence(one), one.until, one.until_source is not None)
        for one in tenures
        if row.is_synthetic or not one.is_synthetic
    ]
    return find_vacancy(row.seats, held, day)
