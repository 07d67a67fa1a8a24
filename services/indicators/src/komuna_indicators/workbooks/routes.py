"""HTTP for the workbooks of forms: one to fill in, one that comes back, and one that answers it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.access import FileWriter, SubmissionReader
from komuna_indicators.catalogue.snapshot import Catalogue, CurrentCatalogue
from komuna_indicators.forms.queries import find_form
from komuna_indicators.names import CodeText
from komuna_indicators.obligations.rules import Obligation, check_period
from komuna_indicators.observations.filters import read_period
from komuna_indicators.submissions import presentation
from komuna_indicators.submissions.opening import Address
from komuna_indicators.submissions.queries import Report, find_cells, find_versions, get_submission
from komuna_indicators.submissions.schemas import SubmissionCheckOut, SubmissionOut
from komuna_shared.access import Caller
from komuna_shared.answers import NO_STORE, PRIVATE, Language, answer, answer_bytes
from komuna_shared.database import Database, Reader, Session, release, translated
from komuna_shared.errors import BadRequestError, ForbiddenError, NotFoundError
from komuna_shared.formats import Media
from komuna_shared.idempotency import RequiredOnce, once

from . import operations, queries
from .operations import FileRefusedError, KeptFileError
from .reply import make_reply
from .rules import Manifest
from .upload import Upload, read_upload
from .writing import write_form

forms_router = APIRouter(prefix="/v1/forms", tags=["forms"], redirect_slashes=False)
router = APIRouter(prefix="/v1/submission-files", tags=["submissions"], redirect_slashes=False)

_ONE = TypeAdapter(SubmissionOut)
_CHECK = TypeAdapter(SubmissionCheckOut)
_BINARY = {Media.XLSX.value: {"schema": {"type": "string", "format": "binary"}}}
_WORKBOOK: dict[int | str, dict[str, object]] = {
    200: {"description": "A workbook.", "content": _BINARY}
}
Period = Annotated[str, Query(max_length=40, examples=["2026-S1"])]
Municipality = Annotated[CodeText, Query(examples=["prishtine"])]
ObligationCode = Annotated[CodeText, Query(examples=["decision-making-posts-demo"])]


@dataclass(frozen=True)
class Sending:
    """For which report a file is sent, and what its sender reads."""

    address: Address
    language: str


async def read_sending(
    language: Language, obligation: ObligationCode, municipality: Municipality, period: Period
) -> Sending:
    """Read for which report a file is sent."""
    return Sending(Address(obligation, municipality, period), language)


class SeveralObligationsError(BadRequestError):
    """It is not clear for which obligation a workbook is meant."""

    code = "several_obligations"
    detail = "Several obligations ask for this form; name one with `obligation`: {codes}."


class Sheets(Response):
    """A workbook; it names the media type that a caller must accept."""

    media_type = Media.XLSX.value


@forms_router.get("/{code}/workbook", response_class=Sheets, responses=_WORKBOOK)
async def get_workbook(  # noqa: PLR0913, PLR0917 -- a route's parameters are its documentation.
    request: Request,
    connection: Reader,
    _: SubmissionReader,
    catalogue: CurrentCatalogue,
    language: Language,
    code: str,
    period: Period,
    municipality: Municipality,
    obligation: ObligationCode | None = None,
) -> Response:
    """Make the workbook of a form for a municipality and a period, in your language.

    For whoever may read submissions; nothing is recorded. `obligation` is needed only where several
    ask for the same form. The same question gets the same bytes.
    """
    form = await find_form(connection, catalogue, code)
    asked = read_period("period", period)
    chosen = _chosen(await queries.find_obligations(connection, code), obligation)
    check_period(chosen, asked, today=asked.end)  # It may be fetched before the period is over.
    manifest = Manifest(
        form=form.code,
        version=form.version,
        obligation=chosen.code,
        municipality=municipality,
        period=periods.code(asked) or "",
        language=language,
    )
    template = await queries.find_template(connection, catalogue, form, manifest)
    name = f"{code}_{municipality}_{manifest.period}_{language}.xlsx"
    return answer_bytes(
        request, write_form(template), media_type=Media.XLSX, cache=PRIVATE, filename=name
    )


@router.post(
    "",
    response_model=SubmissionOut,
    status_code=201,
    responses={
        200: {"model": SubmissionCheckOut, "description": "With `dry_run`: it may be sent so."},
        409: {"description": "A version of the report waits for its verification."},
    },
    openapi_extra={"requestBody": {"required": True, "content": _BINARY}},
)
async def create_submission_file(  # noqa: PLR0913, PLR0917 -- see above.
    request: Request,
    session: Session,
    caller: FileWriter,
    catalogue: CurrentCatalogue,
    key: RequiredOnce,
    sent: Annotated[Sending, Depends(read_sending)],
    dry_run: Annotated[bool, Query(description="Check only; nothing is kept.")] = False,  # noqa: FBT002
) -> Response:
    """Send a report as the filled-in workbook of its form; recorded with the file.

    For `municipal_officer` of that municipality. Every wrong cell is named. A refused file is
    kept for its sender for 30 days: the header `Link` leads to a workbook that marks what is wrong.
    """
    if not caller.has("municipal_officer", municipality=sent.address.municipality):
        raise ForbiddenError
    # Nothing is held while the file comes in and is read.
    await release(session)
    body = await request.body()
    upload = await read_upload(body, hashlib.sha256(body).hexdigest())
    if dry_run:
        return await _checked(request, session, caller, sent, upload)

    async def make() -> str:
        return str(await operations.take_in(session, caller, sent.address, upload, sent.language))

    try:
        made = await once(session, key.with_body(upload.sha256), make)
    except FileRefusedError as error:
        await release(session)
        raise await _kept(request, caller, error) from None
    row = await get_submission(session, caller, UUID(made.id))
    response = await _accepted(request, session, row, catalogue, sent.language)
    response.headers.update(made.headers)
    return response


@router.get("/{file_id}/reply", response_class=Sheets, responses=_WORKBOOK)
async def get_reply(
    request: Request,
    connection: Reader,
    caller: SubmissionReader,
    catalogue: CurrentCatalogue,
    language: Language,
    file_id: UUID,
) -> Response:
    """Answer a file with a workbook of the same form: what it said, each wrong cell marked.

    For whoever sent the file; to others it does not exist. It may be corrected and sent in.
    """
    row = await queries.get_file(connection, caller.principal, file_id)
    form = await find_form(connection, catalogue, row.form, row.form_version)
    manifest = Manifest(
        form=row.form,
        version=row.form_version,
        obligation=row.obligation,
        municipality=row.municipality,
        period=periods.code(periods.Period(row.period_from, row.period_to)) or "",
        language=language,
    )
    template = await queries.find_template(connection, catalogue, form, manifest)
    made = make_reply(template, row.problems, row.given)
    name = f"{row.form}_{row.municipality}_{manifest.period}_reply.xlsx"
    return answer_bytes(request, made, media_type=Media.XLSX, cache=NO_STORE, filename=name)


def _chosen(obligations: Sequence[Obligation], code: str | None) -> Obligation:
    named = [one for one in obligations if code in {None, one.code}]
    if not named:
        raise NotFoundError
    if len(named) > 1:
        raise SeveralObligationsError(codes=", ".join(f"`{one.code}`" for one in named))
    return named[0]


async def _checked(
    request: Request, session: AsyncSession, caller: Caller, sent: Sending, upload: Upload
) -> Response:
    opened, filing, _ = await operations.open_file(
        session, caller, sent.address, upload, sent.language
    )
    before = await find_cells(session, [one.id for one in opened.versions])
    shown = presentation.present_check(opened, filing, before)
    return answer(request, _CHECK, shown, cache=NO_STORE)


async def _accepted(
    request: Request, session: AsyncSession, row: Row[Any], catalogue: Catalogue, language: str
) -> Response:
    report = Report(row.obligation, row.municipality, row.period_from)
    versions = await find_versions(session, report)
    cells = await find_cells(session, [one.id for one in versions])
    form = await find_form(session, catalogue, row.form, row.form_version)
    shown = presentation.present(row, versions, cells, form, language)
    response = answer(request, _ONE, shown, cache=NO_STORE, status=201)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/submissions/{row.id}"
    response.headers["Link"] = f'<{_reply_at(request, row.file_id)}>; rel="related"'
    return response


async def _kept(request: Request, caller: Caller, error: FileRefusedError) -> KeptFileError:
    """Keep a refused file in a transaction of its own: that of the request is undone."""
    database: Database = request.app.state.database
    with translated():
        async with database.session() as session:
            kept = await operations.keep_refused(session, caller.principal, error.refusal)
    return KeptFileError(error.refusal, _reply_at(request, kept))


def _reply_at(request: Request, file_id: UUID) -> str:
    return f"{request.app.state.base_url}/v1/submission-files/{file_id}/reply"
