"""What waits for somebody in the registry: assignments that end soon, own and administered."""

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.accounts.models import Assignment
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from . import queries

_AHEAD = timedelta(days=30)


class TaskKind(StrEnum):
    """What there is to do."""

    RENEW_ASSIGNMENT = "renew_assignment"


class TaskOut(BaseModel):
    """One thing to do, until when, and where."""

    kind: TaskKind
    assignment_id: UUID
    name: str = Field(examples=["Demo municipal officer, Prishtinë"])
    due_on: date
    link: str = Field(examples=["/registry/v1/assignments/0197a3c0-0000-7000-8000-000000000000"])


async def list_tasks(
    connection: AsyncConnection, page: PageRequest, caller: Caller, today: date
) -> Found[TaskOut]:
    """Return one page of what waits for the caller, what is due first on top."""
    rows = queries.visible_or_own(caller).where(
        Assignment.valid_until > today, Assignment.valid_until <= today + _AHEAD
    )
    keys = (
        Key("due_on", Assignment.__table__.c.valid_until),
        Key("id", Assignment.__table__.c.id),
    )
    found = await keyset(connection, rows, page, keys=keys)
    return Found([_task(row) for row in found.items], found.page)


def _task(row: Record) -> TaskOut:
    return TaskOut(
        kind=TaskKind.RENEW_ASSIGNMENT,
        assignment_id=row.id,
        name=row.name,
        due_on=row.valid_until,
        link=f"/registry/v1/assignments/{row.id}",
    )
