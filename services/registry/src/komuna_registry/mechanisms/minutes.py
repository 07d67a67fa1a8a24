"""The files that meetings of mechanisms, and who was there, come in."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.made_up import MADE_UP, SYNTHETIC_SINCE
from komuna_registry.offices.rules import Sex
from komuna_registry.recording import (
    NOT_THERE,
)
from komuna_registry.rows import SourcedRow
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection, Row, RowProblem

from . import meetings
from .instances import check_origin
from .models import Mechanism, MechanismAttendance, MechanismMeeting

_MECHANISM = {"mechanism": Mechanism.code, "source": Source.code}


class MeetingRow(SourcedRow):
    """A mechanism met."""

    mechanism: Code
    is_synthetic: bool
    held_on: date
    topic: Text | None = None

    @model_validator(mode="after")
    def _check_synthetic(self) -> Self:
        if self.is_synthetic and self.held_on < SYNTHETIC_SINCE:
            raise PydanticCustomError("synthetic_period", MADE_UP)
        return self


class AttendanceRow(SourcedRow):
    """How many of one sex and community were there; nobody is in two rows."""

    mechanism: Code
    held_on: date
    sex: Sex | None = None
    community: Code | None = None
    persons: int = Field(ge=0, le=100_000)


async def _check_met(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[RowProblem]:
    named = {(row.value.mechanism, row.value.held_on) for row in rows}
    known = {(one.mechanism, one.held_on) for one in await meetings.find_meetings(session, named)}
    return [
        RowProblem(row.number, "held_on", "unknown_reference", NOT_THERE)
        for row in rows
        if (row.value.mechanism, row.value.held_on) not in known
    ]


async def _tell(session: AsyncSession, written: Written) -> None:
    named = {(row["mechanism"], row["held_on"]) for row in written}
    await session.execute(
        update(MechanismMeeting)
        .where(tuple_(MechanismMeeting.mechanism, MechanismMeeting.held_on).in_(named))
        .values(version=MechanismMeeting.version + 1)
    )
    held = await meetings.find_meetings(session, named)
    attended = await meetings.list_attendance(session, named)
    await publish_all(
        session,
        [
            Change(
                "mechanism_meeting",
                str(one.id),
                one.version,
                {
                    "mechanism": one.mechanism,
                    "is_synthetic": one.is_synthetic,
                    "held_on": one.held_on.isoformat(),
                    "topic": one.topic,
                    "attendance": [
                        {
                            "sex": row.sex.value if row.sex else None,
                            "community": row.community,
                            "persons": row.persons,
                        }
                        for row in attended[one.mechanism, one.held_on]
                    ],
                    "source": one.source,
                    "locator": one.locator,
                },
            )
            for one in held
        ],
    )


COLLECTIONS: tuple[Collection[Any], ...] = (
    collection(
        "mechanism_meetings",
        MeetingRow,
        Table(MechanismMeeting, ("mechanism", "held_on"), _MECHANISM, _tell, check_origin),
    ),
    collection(
        "mechanism_attendances",
        AttendanceRow,
        Table(
            MechanismAttendance,
            ("mechanism", "held_on", "sex", "community"),
            _MECHANISM,
            _tell,
            _check_met,
        ),
    ),
)
