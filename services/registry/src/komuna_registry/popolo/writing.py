"""How institutions, offices and those who hold them are written in Popolo."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from komuna_registry.institutions.naming import certainty_on, names_on
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record

from .queries import Stored
from .rules import municipality_id, popolo_date, post_id

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writing:
    """For whom a document is written, of which day, and where sources can be read."""

    frame: Frame
    on: date
    language: str
    base_url: str

    def named(self, names: Any) -> Part:
        """Return the name in the reader's language, and which language it is in."""
        told = labelled(names, self.language)
        return {"name": told["label"], "name_language": told["label_language"]}

    def cited(self, *rows: Any) -> list[Part]:
        """Return where statements were taken from, each document and place once."""
        places = dict.fromkeys((row.source, row.locator) for row in rows)
        return [
            {"url": f"{self.base_url}/v1/sources/{source}", "note": locator}
            for source, locator in places
        ]


def write_document(stored: Stored, writing: Writing) -> Part:
    """Return the whole document."""
    return {
        "persons": [_person(row, writing) for row in stored.holders],
        "organizations": [*_institutions(stored, writing), *_municipalities(writing)],
        "posts": [post for row in stored.offices for post in _posts(row, writing)],
        "memberships": [
            *_tenures(stored, writing),
            *(_membership(row, writing) for row in stored.memberships),
        ],
        "areas": [*_areas(writing), *(_region(row, writing) for row in stored.regions)],
    }


def _person(row: Record, writing: Writing) -> Part:
    return {
        "id": row.code,
        "name": row.name,
        "gender": row.sex.value if row.sex else None,
        "sources": writing.cited(row),
    }


def _institutions(stored: Stored, writing: Writing) -> Iterable[Part]:
    names, parents = _by(stored.names), _by(stored.parents)
    for row in stored.institutions:
        held = [one for one in parents[row.code] if certainty_on(one, writing.on) is not None]
        called = names_on(row.names, names[row.code], writing.on)
        name = writing.named(called)
        place = municipality_id(row.municipality) if row.municipality else None
        yield {
            "id": row.code,
            **name,
            "other_names": _other_names(name["name"], called, names[row.code]),
            "classification": row.kind.value,
            "parent_id": held[0].parent if held else None,
            "area_id": place,
            "founding_date": popolo_date(row.valid_from),
            "dissolution_date": popolo_date(row.valid_until),
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "sources": writing.cited(row, *names[row.code], *held),
        }


def _other_names(name: str, called: dict[str, str], dated: Sequence[Record]) -> list[Part]:
    plain = [
        {"name": text, "lang": language, "note": "name", "start_date": None, "end_date": None}
        for language, text in called.items()
        if text != name and text not in {one.text for one in dated}
    ]
    told = [
        {
            "name": one.text,
            "lang": one.language,
            "note": one.form.value,
            "start_date": popolo_date(one.valid_from),
            "end_date": popolo_date(one.valid_until),
        }
        for one in dated
        if one.text != name
    ]
    return plain + told


def _municipalities(writing: Writing) -> Iterable[Part]:
    for slug, entry in sorted(writing.frame.entries.items()):
        name = writing.named(entry.names)
        yield {
            "id": municipality_id(slug),
            **name,
            "other_names": _other_names(name["name"], dict(entry.names), ()),
            "classification": "municipality",
            "parent_id": None,
            "area_id": municipality_id(slug),
            "founding_date": popolo_date(entry.row.valid_from),
            "dissolution_date": popolo_date(entry.row.valid_until),
            "valid_from": entry.row.valid_from,
            "valid_until": entry.row.valid_until,
            "sources": writing.cited(entry.row),
        }


def _areas(writing: Writing) -> Iterable[Part]:
    for slug, entry in sorted(writing.frame.entries.items()):
        districts = [one.code for one in entry.regions if one.scheme == "district"]
        yield {
            "id": municipality_id(slug),
            **writing.named(entry.names),
            "identifier": slug,
            "classification": "municipality",
            "parent_id": districts[0] if districts else None,
            "sources": writing.cited(entry.row, *entry.regions),
        }


def _region(row: Record, writing: Writing) -> Part:
    return {
        "id": row.code,
        **writing.named(row.names),
        "identifier": row.code,
        "classification": row.scheme,
        "parent_id": None,
        "sources": writing.cited(row),
    }


def _posts(row: Record, writing: Writing) -> Iterable[Part]:
    told = labelled(row.names, writing.language)
    for seat in range(1, row.seats + 1):
        yield {
            "id": post_id(row.code, seat),
            "label": told["label"],
            "label_language": told["label_language"],
            "role": row.kind,
            "organization_id": row.institution or municipality_id(row.municipality),
            "area_id": municipality_id(row.municipality) if row.municipality else None,
            "sources": writing.cited(row),
        }


def _tenures(stored: Stored, writing: Writing) -> Iterable[Part]:
    offices = {row.code: row for row in stored.offices}
    for row in stored.tenures:
        office = offices[row.office]
        yield {
            "id": str(row.id),
            "role": office.kind,
            "person_id": row.holder,
            "member": None,
            "organization_id": office.institution or municipality_id(office.municipality),
            "post_id": post_id(row.office, row.seat),
            "is_acting": row.is_acting,
            **_period(row),
            "sources": writing.cited(row),
        }


def _membership(row: Record, writing: Writing) -> Part:
    member = row.institution or (municipality_id(row.municipality) if row.municipality else None)
    return {
        "id": str(row.id),
        "role": row.function.value,
        "person_id": row.holder,
        "member": {"@type": "organization", "id": member} if member else None,
        "organization_id": row.body,
        "post_id": None,
        "is_acting": False,
        **_period(row),
        "sources": writing.cited(row),
    }


def _period(row: Record) -> Part:
    return {
        "start_date": popolo_date(row.since),
        "end_date": popolo_date(row.until),
        "since": row.since,
        "until": row.until,
        "attested_on": row.attested_on,
    }


def _by(rows: Iterable[Record]) -> defaultdict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row.institution].append(row)
    return groups
