"""How one mechanism and its meetings are told."""

from collections.abc import Sequence

from komuna_registry.clock import today
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record

from . import meetings
from .meetings import Met
from .register import Registered
from .single import (
    AttendanceOut,
    ByCommunityOut,
    BySexOut,
    FrequencyMetOut,
    MechanismOut,
    MeetingOut,
    MeetingsOut,
    ServedOut,
    StateOut,
)


def show_mechanism(found: Registered, frame: Frame, language: str) -> MechanismOut:
    """Return a mechanism as callers read it."""
    row = found.row
    return MechanismOut(
        code=row.code,
        kind=row.kind,
        **labelled(row.names, language),
        names=row.names,
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
        municipalities=[
            ServedOut(
                slug=one.municipality,
                **labelled(frame.names_of(one.municipality), language),
                valid_from=one.valid_from,
                valid_until=one.valid_until,
                source=one.source,
                locator=one.locator,
            )
            for one in found.served
        ],
        states=[StateOut.model_validate(one) for one in found.states],
    )


def show_meetings(mechanism: Record, kind: Record, year: int, met: Sequence[Met]) -> MeetingsOut:
    """Return the meetings of a year, with what the kind requires."""
    held = len(met) or None
    required = kind.meetings_per_year
    return MeetingsOut(
        mechanism=mechanism.code,
        is_synthetic=mechanism.is_synthetic,
        year=year,
        summary=FrequencyMetOut(
            required=required,
            held=held,
            is_met=meetings.is_met(held, required, is_over=year < today().year),
            source=kind.meetings_source,
            locator=kind.meetings_locator,
        ),
        items=[_meeting(one) for one in met],
    )


def _meeting(met: Met) -> MeetingOut:
    row = met.row
    return MeetingOut(
        id=row.id,
        held_on=row.held_on,
        topic=row.topic,
        attendance=_attendance(met.attendance) if met.attendance else None,
        source=row.source,
        locator=row.locator,
    )


def _attendance(rows: Sequence[Record]) -> AttendanceOut:
    by_sex = meetings.count_by(rows, "sex")
    by_community = meetings.count_by(rows, "community")
    return AttendanceOut(
        persons=sum(row.persons for row in rows),
        by_sex=[BySexOut.model_validate({"sex": sex, "persons": n}) for sex, n in by_sex.items()],
        by_community=[
            ByCommunityOut(community=community, persons=n) for community, n in by_community.items()
        ],
    )
