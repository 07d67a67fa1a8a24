"""HTTP for exports."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import Response, StreamingResponse

from komuna_shared.access import Caller
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.changes import END_OF_TRANSACTION, Position, audiences_of, write_cursor
from komuna_shared.database import Record, Session, release
from komuna_shared.errors import ForbiddenError, RuleError
from komuna_shared.etags import check_if_match, etag
from komuna_shared.formats import Media
from komuna_shared.idempotency import Once, once

from . import operations, queries
from .dataset import Dataset

LoadReader = Callable[..., Awaitable[Caller]]


class UnknownDatasetError(RuleError):
    """Nothing of that name is exported here."""

    code = "unknown_dataset"
    detail = "The datasets that are exported here are: {known}."


class ExportIn(BaseModel):
    """What is wanted."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    format: Literal["csv", "ndjson", "xlsx"] = "csv"


class ExportFileOut(BaseModel):
    """One file; `sha256` is of its bytes."""

    name: str = Field(examples=["municipalities.csv"])
    rows: int
    bytes: int
    sha256: str
    href: str


class ExportOut(BaseModel):
    """One export; `since` is the cursor at which the feed goes on from these files."""

    id: UUID
    dataset: str
    format: str
    state: Literal["queued", "running", "succeeded", "failed"]
    code: str | None
    progress: int
    files: list[ExportFileOut]
    since: str | None
    created_at: datetime
    finished_at: datetime | None


_EXPORT = TypeAdapter(ExportOut)


def exports_router(datasets: Sequence[Dataset], load_reader: LoadReader) -> APIRouter:
    """Return the routes of a service's exports; `load_reader` gives the `Caller`."""
    router = APIRouter(prefix="/v1/exports", tags=["exports"], redirect_slashes=False)
    _add_create(router, {one.name: one for one in datasets}, load_reader)
    _add_get(router, load_reader)
    _add_file(router, load_reader)
    _add_cancel(router, load_reader)
    return router


def _add_create(router: APIRouter, datasets: dict[str, Dataset], load_reader: LoadReader) -> None:
    @router.post("", status_code=202, response_model=ExportOut)
    async def create_export(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_reader)],
        key: Once,
        wanted: ExportIn,
    ) -> Response:
        """Ask for a whole table as a file.

        For whoever has a role that the dataset asks for.
        """
        _check_may_export(datasets, wanted.dataset, caller)
        media = Media[wanted.format.upper()]

        async def make() -> str:
            asked = operations.ask_for_export(
                session, caller.principal, dataset=wanted.dataset, media=media
            )
            return str(await asked)

        made = await once(session, key, make)
        job = await queries.get_export(session, UUID(made.id), caller.principal)
        response = _answer(request, job, [], caller, status=202)
        response.headers["location"] = f"{request.app.state.base_url}/v1/exports/{made.id}"
        response.headers.update(made.headers)
        return response


def _add_get(router: APIRouter, load_reader: LoadReader) -> None:
    @router.get("/{export_id}", response_model=ExportOut)
    async def get_export(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_reader)],
        export_id: UUID,
    ) -> Response:
        """Return an export of yours: its files, and the cursor to go on from.

        For whoever asked for it; to others it does not exist.
        """
        job = await queries.get_export(session, export_id, caller.principal)
        return _answer(request, job, await queries.list_files(session, job.id), caller)


def _add_file(router: APIRouter, load_reader: LoadReader) -> None:
    @router.get("/{export_id}/files/{name}", response_class=StreamingResponse)
    async def get_export_file(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_reader)],
        export_id: UUID,
        name: str,
    ) -> Response:
        """Return one file of an export of yours.

        For whoever asked for it; to others it does not exist.
        """
        job = await queries.get_export(session, export_id, caller.principal)
        file = await queries.get_file(session, job.id, name)
        await release(session)
        return StreamingResponse(
            queries.read_file(request.app.state.database, job.id, file.name),
            media_type=Media[job.format.upper()].value,
            headers={
                "cache-control": NO_STORE,
                "content-length": str(file.size),
                "content-disposition": f'attachment; filename="{file.name}"',
            },
        )


def _add_cancel(router: APIRouter, load_reader: LoadReader) -> None:
    @router.delete("/{export_id}", status_code=204)
    async def cancel_export(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_reader)],
        export_id: UUID,
    ) -> None:
        """Cancel an export of yours, or drop its files.

        For whoever asked for it; to others it does not exist.
        """
        job = await queries.get_export(session, export_id, caller.principal)
        check_if_match(request, _tag(request, job))
        await operations.cancel_export(session, job.id)


def _check_may_export(datasets: dict[str, Dataset], name: str, caller: Caller) -> None:
    if name not in datasets:
        raise UnknownDatasetError(known=", ".join(sorted(datasets)))
    roles = datasets[name].roles
    if roles is not None and not roles & caller.roles:
        raise ForbiddenError


def _tag(request: Request, job: Record) -> str:
    return etag("export", job.id, job.version, key=request.app.state.etag_key)


def _answer(
    request: Request, job: Record, files: Sequence[Record], caller: Caller, status: int = 200
) -> Response:
    state = request.app.state
    since = None
    if job.since_xid is not None:
        audiences, key = audiences_of(caller.principal), state.settings.key("changes")
        since = write_cursor(Position(job.since_xid, END_OF_TRANSACTION), audiences, key)
    home = f"{state.base_url}/v1/exports/{job.id}"
    listed = [
        ExportFileOut(
            name=one.name,
            rows=one.rows,
            bytes=one.size,
            sha256=one.sha256,
            href=f"{home}/files/{one.name}",
        )
        for one in files
    ]
    out = ExportOut.model_validate(
        {**job._mapping, "files": listed, "since": since}  # noqa: SLF001 -- SQLAlchemy's public name.
    )
    return answer(request, _EXPORT, out, tag=_tag(request, job), cache=NO_STORE, status=status)
