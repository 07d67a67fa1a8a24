"""What waits for somebody in the registry: assignments that end soon, letters to be answered."""

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import String, cast, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.municipal_notices.queries import select_open
from komuna_registry.municipal_notices.rules import SubjectKind
from komuna_registry.municipal_notices.subjects import name_subject
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import queries

_AHEAD = timedelta(days=30)


class TaskKind(StrEnum):
    """What there is to do."""

    RENEW_ASSIGNMENT = "renew_assignment"
    ANSWER_NOTICE = "answer_notice"


class TaskOut(BaseModel):
    """One thing to do, until when, and where: an assignment to renew, or a letter to answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "answer_notice",
                    "assignment_id": None,
                    "notice_id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
                    "name": "Appointment of an officer: Coordinator of the human rights unit",
                    "municipality": "viti",
                    "due_on": "2026-12-31",
                    "is_overdue": False,
                    "link": "/registry/v1/municipal-notices/0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
                }
            ]
        }
    )

    kind: TaskKind
    assignment_id: UUID | None
    notice_id: UUID | None
    name: str = Field(description="Whose assignment ends, or what the letter is about.")
    municipality: str | None
    due_on: date
    is_overdue: bool
    link: str


async def list_tasks(
    connection: AsyncConnection, page: PageRequest, caller: Caller, today: date, language: str
) -> Found[TaskOut]:
    """Return one page of what waits for the caller, what is due first on top."""
    ending = queries.visible_or_own(caller).subquery()
    asked = select_open(caller).subquery()
    waiting = union_all(
        select(
            literal(TaskKind.RENEW_ASSIGNMENT.value).label("kind"),
            ending.c.id,
            ending.c.name,
            ending.c.municipality,
            ending.c.valid_until.label("due_on"),
            cast(null(), String).label("subject_kind"),
            cast(null(), JSONB).label("subjects"),
            cast(null(), JSONB).label("kind_names"),
        ).where(ending.c.valid_until > today, ending.c.valid_until <= today + _AHEAD),
        select(
            literal(TaskKind.ANSWER_NOTICE.value),
            asked.c.id,
            cast(null(), String),
            asked.c.municipality,
            asked.c.due_on,
            cast(asked.c.subject_kind, String),
            asked.c.subjects,
            asked.c.kind_names,
        ),
    ).subquery()
    # An officer of two municipalities has one letter to answer for each.
    keys = (
        Key("due_on", waiting.c.due_on),
        Key("municipality", waiting.c.municipality, nullable=True),
        Key("id", waiting.c.id),
    )
    found = await keyset(connection, select(*waiting.c), page, keys=keys)
    return Found([_task(row, today, language) for row in found.items], found.page)


def _task(row: Record, today: date, language: str) -> TaskOut:
    is_notice = row.kind == TaskKind.ANSWER_NOTICE
    place = "municipal-notices" if is_notice else "assignments"
    name = row.name
    if is_notice:
        subject = SubjectKind(row.subject_kind)
        name = name_subject(subject, row.subjects, row.kind_names, language)
    return TaskOut(
        kind=TaskKind(row.kind),
        assignment_id=None if is_notice else row.id,
        notice_id=row.id if is_notice else None,
        name=name,
        municipality=row.municipality,
        due_on=row.due_on,
        is_overdue=row.due_on < today,
        link=f"/registry/v1/{place}/{row.id}",
    )
