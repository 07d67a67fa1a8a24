"""HTTP for imports."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import IO, Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, TypeAdapter
from pydantic.config import JsonDict
from starlette.responses import Response

from komuna_shared.access import Caller
from komuna_shared.answers import NO_STORE, Language, answer
from komuna_shared.database import Record, Session, release
from komuna_shared.errors import ForbiddenError, RuleError, UnsupportedMediaTypeError
from komuna_shared.etags import check_if_match, etag
from komuna_shared.formats import Media
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.languages import translate
from komuna_shared.paging import Found, Key, Page, Paging, keyset
from komuna_shared.tables import import_problem

from . import operations, queries
from .collection import Collection

IMPORT_BODY = 64 * 1024 * 1024
IMPORT_MEDIA = tuple(media.value for media in Media)
_PIECE = 256 * 1024

LoadWriter = Callable[..., Awaitable[Caller]]


class UnknownCollectionError(RuleError):
    """Nothing of that name is imported here."""

    code = "unknown_collection"
    detail = "The collections that are imported here are: {known}."


class ImportOut(BaseModel):
    """One import: where it stands and what it did."""

    id: UUID
    collection: str = Field(examples=["municipalities"])
    state: Literal["queued", "running", "succeeded", "failed"]
    code: str | None = Field(description="Why it failed: `rows_refused` has a list of problems.")
    progress: int = Field(ge=0, le=100)
    dry_run: bool
    counts: dict[str, int] = Field(examples=[{"created": 38, "updated": 0, "unchanged": 0}])
    problem_count: int
    sha256: str
    created_at: datetime
    finished_at: datetime | None


class ImportProblemOut(BaseModel):
    """One thing wrong with a file; the header of a table is row 1."""

    row: int
    column: str = Field(description="Empty where the whole row is meant.")
    code: str = Field(examples=["decimal_comma"])
    detail: str
    pointer: str = Field(examples=["/12/women"])
    cell: str | None = Field(description="Its name in a workbook.", examples=["D12"])


_IMPORT = TypeAdapter(ImportOut)


def imports_router(collections: Sequence[Collection[Any]], load_writer: LoadWriter) -> APIRouter:
    """Return the routes of a service's imports.

    `load_writer` gives the `Caller`; it stands on `requires(SCOPE, body=IMPORT_BODY,
    media=IMPORT_MEDIA)` and on the request's `Session`, never on a connection of its own.
    """
    router = APIRouter(prefix="/v1/imports", tags=["imports"], redirect_slashes=False)
    _add_create(router, {one.name: one for one in collections}, load_writer)
    _add_get(router, load_writer)
    _add_problems(router, load_writer)
    _add_cancel(router, load_writer)
    return router


def _add_create(
    router: APIRouter, collections: dict[str, Collection[Any]], load_writer: LoadWriter
) -> None:
    file = {media: {"schema": {"type": "string", "format": "binary"}} for media in IMPORT_MEDIA}
    names: JsonDict = {"enum": [*sorted(collections)]}

    @router.post(
        "",
        status_code=202,
        response_model=ImportOut,
        openapi_extra={"requestBody": {"required": True, "content": file}},
    )
    async def create_import(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_writer)],
        key: RequiredOnce,
        collection: Annotated[str, Query(json_schema_extra=names)],
        dry_run: bool = False,  # noqa: FBT001, FBT002 -- a parameter of the query.
    ) -> Response:
        """Send a file, imported wholly or not at all; for whoever has a role for its collection."""
        _check_may_import(collections, collection, caller)
        await release(session)
        with tempfile.TemporaryFile(prefix="komuna-upload-") as file:
            sha256, size = await _spool(request, file)
            upload = operations.Upload(
                collection, _media_of(request), dry_run, sha256=sha256, size=size
            )

            async def make() -> str:
                taken = operations.take_in(session, caller.principal, upload, _pieces(file))
                return str(await taken)

            made = await once(session, key.with_body(sha256), make)
        job = await queries.get_import(session, UUID(made.id), caller.principal)
        response = _answer(request, job, status=202)
        response.headers["location"] = f"{request.app.state.base_url}/v1/imports/{made.id}"
        response.headers.update(made.headers)
        return response


def _add_get(router: APIRouter, load_writer: LoadWriter) -> None:
    @router.get("/{import_id}", response_model=ImportOut)
    async def get_import(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_writer)],
        import_id: UUID,
    ) -> Response:
        """Return where an import of yours stands.

        For whoever sent the file; to others it does not exist.
        """
        return _answer(request, await queries.get_import(session, import_id, caller.principal))


def _add_problems(router: APIRouter, load_writer: LoadWriter) -> None:
    @router.get("/{import_id}/problems", response_model=Page[ImportProblemOut])
    async def list_import_problems(
        session: Session,
        caller: Annotated[Caller, Depends(load_writer)],
        page: Paging,
        language: Language,
        import_id: UUID,
    ) -> Found[ImportProblemOut]:
        """List what is wrong with a file: row, column, code, and a sentence in your language.

        For whoever sent the file; to others it does not exist.
        """
        job = await queries.get_import(session, import_id, caller.principal)
        keys = [Key("position", import_problem.c.position)]
        found = await keyset(session, queries.problems_of(job.id), page, keys=keys)
        return Found([_problem(one, language) for one in found.items], found.page)


def _add_cancel(router: APIRouter, load_writer: LoadWriter) -> None:
    @router.delete("/{import_id}", status_code=204)
    async def cancel_import(
        request: Request,
        session: Session,
        caller: Annotated[Caller, Depends(load_writer)],
        import_id: UUID,
    ) -> None:
        """Cancel an import of yours that has not ended; nothing of it is written.

        For whoever sent the file; to others it does not exist.
        """
        job = await queries.get_import(session, import_id, caller.principal)
        check_if_match(request, _tag(request, job))
        await operations.cancel_import(session, caller.principal, job)


def _check_may_import(collections: dict[str, Collection[Any]], name: str, caller: Caller) -> None:
    if name not in collections:
        raise UnknownCollectionError(known=", ".join(sorted(collections)))
    if not collections[name].roles & caller.roles:
        raise ForbiddenError


def _media_of(request: Request) -> Media:
    named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if named not in IMPORT_MEDIA:
        # Where there is no body the layer before has not looked at what it would be.
        raise UnsupportedMediaTypeError(accepted=", ".join(IMPORT_MEDIA))
    return Media(named)


async def _spool(request: Request, file: IO[bytes]) -> tuple[str, int]:
    """Write the body to a file as it arrives; nothing of it is parsed, or kept in memory."""
    digest, size = hashlib.sha256(), 0
    async for chunk in request.stream():
        digest.update(chunk)
        size += len(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _tag(request: Request, job: Record) -> str:
    return etag("import", job.id, job.version, key=request.app.state.etag_key)


def _answer(request: Request, job: Record, status: int = 200) -> Response:
    out = ImportOut.model_validate(job, from_attributes=True)
    return answer(request, _IMPORT, out, tag=_tag(request, job), cache=NO_STORE, status=status)


def _problem(one: Record, language: str) -> ImportProblemOut:
    params = dict(cast("dict[str, Any]", one.params))
    cell = params.pop("cell", None)
    return ImportProblemOut(
        row=one.row,
        column=one.column,
        code=one.code,
        detail=translate(one.detail, language, **params),
        pointer=f"/{one.row}/{one.column}".rstrip("/"),
        cell=cell,
    )
