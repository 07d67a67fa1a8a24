"""The service of the notes: every shared part, wired as a real service wires it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared import audit, outbox
from komuna_shared.access import Assignment, Caller, Principal, public, requires
from komuna_shared.app import create_service
from komuna_shared.changes import changes_router, publish
from komuna_shared.database import Reader, Session
from komuna_shared.errors import NotFoundError, RuleError
from komuna_shared.exports import Dataset, exports_router
from komuna_shared.exports.dataset import Rows
from komuna_shared.idempotency import Once, once
from komuna_shared.imports import (
    IMPORT_BODY,
    IMPORT_MEDIA,
    Collection,
    Counts,
    Row,
    RowModel,
    RowProblem,
    imports_router,
)
from komuna_shared.settings import ServiceSettings
from tests.shared.notes.tables import Mood, Note

router = APIRouter(prefix="/v1/notes", tags=["notes"], redirect_slashes=False)
Writer = Annotated[Principal, requires("notes.notes.write")]
MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=40)
    mood: Mood = Mood.GLAD
    audience: str = "public"


class NoteOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    mood: Mood
    written_at: datetime


class TooSadError(RuleError):
    code = "too_sad"
    detail = "Sad notes are not kept."


@router.post("", status_code=201, response_model=NoteOut)
async def write_note(
    session: Session, caller: Writer, key: Once, sent: NoteIn, response: Response
) -> Note:
    """Write a note."""

    async def make() -> str:
        note = Note(title=sent.title, mood=sent.mood, written_at=MOMENT)
        session.add(note)
        await session.flush()
        note_id = str(note.id)
        await audit.record(
            session, caller, action="note.written", subject_type="note", subject_id=note_id
        )
        await outbox.emit(session, "note.written", note_id, 1)
        await publish(
            session,
            type="note",
            id=note_id,
            version=1,
            data={"title": sent.title},
            audience=sent.audience,
        )
        if sent.mood is Mood.SAD_:
            raise TooSadError
        return note_id

    made = await once(session, key, make)
    response.headers.update(made.headers)
    return await session.get_one(Note, UUID(made.id))


@router.get("/{note_id}", response_model=NoteOut)
async def get_note(
    connection: Reader, _: Annotated[Principal | None, public()], note_id: UUID
) -> Any:
    """Return a note."""
    found = (await connection.execute(select(Note).where(Note.id == note_id))).one_or_none()
    if found is None:
        raise NotFoundError
    return found


class NoteRow(RowModel):
    title: str = Field(max_length=40)
    mood: Mood = Mood.GLAD
    size: int | None = Field(default=None, ge=0)
    total: int | None = None

    @model_validator(mode="after")
    def _check_total(self) -> "NoteRow":
        if self.size is not None and self.total is not None and self.size > self.total:
            raise PydanticCustomError("greater_than_total", "part", {"column": "size"})
        return self


async def check_notes(_: AsyncSession, rows: Sequence[Row[NoteRow]]) -> list[RowProblem]:
    """Refuse notes about a place that is nowhere."""
    return [
        RowProblem(row.number, "title", "unknown_municipality")
        for row in rows
        if row.value.title.startswith("Atlantis")
    ]


async def apply_notes(session: AsyncSession, rows: Sequence[Row[NoteRow]], _: UUID) -> Counts:
    """Write the notes that are new."""
    notes = [
        {"title": one.value.title, "mood": one.value.mood, "size": one.value.size}
        | {"written_at": MOMENT}
        for one in rows
    ]
    new = insert(Note).values(notes).on_conflict_do_nothing().returning(Note.id)
    created = len((await session.execute(new)).all())
    return Counts(created=created, unchanged=len(notes) - created)


async def read_notes(connection: AsyncConnection) -> AsyncIterator[Rows]:
    """Yield all notes, two at a time."""
    notes = select(Note.title, Note.mood, Note.size).order_by(Note.title)
    async with connection.stream(notes) as result:
        async for part in result.mappings().partitions(2):
            yield part


COLLECTIONS = (
    Collection(
        "notes",
        NoteRow,
        apply_notes,
        roles=frozenset({"writer"}),
        key=("title",),
        check=check_notes,
    ),
)
DATASETS = (Dataset("notes", ("title", "mood", "size"), read_notes),)
Importer = Annotated[
    Principal, requires("notes.imports.write", body=IMPORT_BODY, media=IMPORT_MEDIA)
]
Exporter = Annotated[Principal, requires("notes.exports.write")]


async def load_importer(caller: Importer, session: Session) -> Caller:
    """Everybody whose name begins with W is a writer."""
    await session.execute(select(1))  # As a real service reads assignments here.
    held = (Assignment("writer", None, None, MOMENT.date(), None),)
    return Caller(caller, held if caller.subject.startswith("w") else ())


async def load_exporter(caller: Exporter) -> Caller:
    """Everybody may export."""
    return Caller(caller, ())


def create_api(settings: ServiceSettings) -> FastAPI:
    """Assemble the service."""
    routers = [
        router,
        changes_router(),
        imports_router(COLLECTIONS, load_importer),
        exports_router(DATASETS, load_exporter),
    ]
    return create_service("notes", settings=settings, routers=routers)
