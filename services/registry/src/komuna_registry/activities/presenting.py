"""How activities and their counts are told."""

from collections.abc import Mapping, Sequence
from typing import Any

from komuna_registry.citations import figure_link
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record

from .queries import ActivityFound
from .rules import REASONS, Attended, Breakdown, Counted, Days, Group, Held, Part, find_missing
from .schemas import (
    ActivityEvidenceOut,
    ActivityOut,
    ActivityPartyOut,
    ActivityPlaceOut,
    ActivityPublishedOut,
    ParticipantsOut,
)

Institutions = Mapping[str, Mapping[str, str]]
"""The names of institutions, by code."""


def show_activity(
    found: ActivityFound, institutions: Institutions, frame: Frame, language: str
) -> ActivityOut:
    """Return an activity as callers read it."""
    row = found.row
    return ActivityOut(
        code=row.code,
        kind=row.kind,
        **labelled(row.names, language),
        names=row.names,
        topic=row.topic,
        period=row.period,
        extent=row.extent,
        municipalities=[
            ActivityPlaceOut(
                slug=one.municipality,
                **labelled(frame.names_of(one.municipality), language),
                source=one.source,
                locator=one.locator,
            )
            for one in found.municipalities
        ],
        parties=[_party(one, institutions, frame, language) for one in found.parties],
        participants=[_participants(one) for one in found.participants],
        evidence=[ActivityEvidenceOut.model_validate(one) for one in found.evidence],
        note=row.note,
        keeper=row.keeper,
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
    )


def show_counts(counted: Counted, by: Sequence[Breakdown]) -> dict[str, Any]:
    """Return the groups and their whole."""
    groups = sorted(
        counted.groups.items(), key=lambda one: tuple((value is None, value) for value in one[0])
    )
    return {
        "total": _group(counted.whole),
        "overlapping_count": counted.overlapping,
        "repeated_count": counted.repeated,
        "repeated_participant_count": counted.repeated_persons,
        "items": [
            {name: _value(name, value) for name, value in zip(by, values, strict=True)}
            | _group(group)
            for values, group in groups
        ],
    }


def show_published(row: Record) -> ActivityPublishedOut:
    """Return where indicators hold a published total."""
    return ActivityPublishedOut(
        kind=row.kind,
        indicator=row.indicator,
        period=row.period,
        link=figure_link(row.indicator, row.period),
        source=row.source,
        locator=row.locator,
    )


def read_held(found: ActivityFound) -> Held:
    """Return what is counted of an activity."""
    row = found.row
    return Held(
        row.kind.value,
        Days(row.first_day, row.last_day),
        tuple(one.municipality for one in found.municipalities),
        tuple(_named(one) for one in found.parties if one.part is Part.ORGANISER),
        tuple(
            Attended(one.sex.value if one.sex else None, one.community, one.persons, one.status)
            for one in found.participants
        ),
    )


def _participants(row: Record) -> ParticipantsOut:
    return ParticipantsOut(
        sex=row.sex,
        community=row.community,
        persons=row.persons,
        status=row.status,
        reason=REASONS.get(row.status),
        source=row.source,
        locator=row.locator,
    )


def _party(
    row: Record, institutions: Institutions, frame: Frame, language: str
) -> ActivityPartyOut:
    cited = {"source": row.source, "locator": row.locator}
    if row.name is not None:
        named = {"label": row.name, "label_language": None}
        return ActivityPartyOut.model_validate(
            {"part": row.part, "kind": "name", "code": None, **named, **cited}
        )
    kind, code = _named(row).split("/", 1)
    names = institutions[code] if kind == "institution" else frame.names_of(code)
    return ActivityPartyOut.model_validate(
        {"part": row.part, "kind": kind, "code": code, **labelled(names, language), **cited}
    )


def _named(row: Record) -> str:
    if row.institution is not None:
        return f"institution/{row.institution}"
    if row.municipality is not None:
        return f"municipality/{row.municipality}"
    return f"name/{row.name}"


def _value(name: Breakdown, value: str | None) -> Any:
    if name is not Breakdown.ORGANISER or value is None:
        return value
    kind, code = value.split("/", 1)
    return {"kind": kind, "code": code}


def _group(group: Group) -> dict[str, Any]:
    status, reason = find_missing(group)
    return {
        "activity_count": group.activities,
        "participant_count": group.persons,
        "status": status,
        "reason": reason,
        "untold_count": group.untold,
    }
