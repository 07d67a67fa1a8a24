"""HTTP for submissions: a reporter sends, a verifier decides."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter
from sqlalchemy import Row

from komuna_indicators.access import Decider, SubmissionReader, SubmissionWriter
from komuna_indicators.catalogue.snapshot import Catalogue, CurrentCatalogue
from komuna_indicators.forms.queries import find_form
from komuna_indicators.forms.rules import Entry
from komuna_indicators.observations.filters import read_period
from komuna_shared.answers import NO_STORE, PRIVATE, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.errors import PreconditionRequiredError
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.languages import LANGUAGES
from komuna_shared.paging import Page, PageOut, Paging
from komuna_shared.parameters import query

from . import operations, presentation, queries
from .opening import Address, Filing, check, open_report
from .queries import Report, Wanted
from .rules import State
from .schemas import (
    DecisionIn,
    SubmissionCheckOut,
    SubmissionIn,
    SubmissionOut,
    SubmissionSummary,
)

router = APIRouter(prefix="/v1/submissions", tags=["submissions"], redirect_slashes=False)

AnyRow = Row[Any]
_LIST = TypeAdapter(Page[SubmissionSummary])
_ONE = TypeAdapter(SubmissionOut)
_CHECK = TypeAdapter(SubmissionCheckOut)
_Texts = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]
DryRun = Annotated[bool, Query(description="Check only; nothing is kept.")]


class SubmissionFilters(BaseModel):
    """The filters of the list of submissions; a repeated one means "or"."""

    obligation: _Texts = []
    municipality: _Texts = []
    period: _Texts = Field([], examples=[["2026-S1"]])
    state: list[State] = []


def read_wanted(filters: SubmissionFilters) -> Wanted:
    """Read which submissions a request is about, or raise."""
    return Wanted(
        filters.obligation,
        filters.municipality,
        [read_period("period", text) for text in filters.period],
        filters.state,
    )


@router.get("", response_model=Page[SubmissionSummary])
async def list_submissions(
    request: Request,
    connection: Reader,
    caller: SubmissionReader,
    page: Paging,
    wanted: Annotated[Wanted, query(SubmissionFilters, read_wanted)],
) -> Response:
    """List reports in all their versions, the newest first.

    For `municipal_officer` those of the own municipality, for `analyst` all; others see none.
    """
    found = await queries.list_submissions(connection, page, caller, wanted)
    items = [presentation.summarise(row) for row in found.items]
    shown = Page[SubmissionSummary](items=items, page=PageOut.model_validate(found.page))
    return answer(request, _LIST, shown, cache=NO_STORE)


@router.post(
    "",
    response_model=SubmissionOut,
    status_code=201,
    responses={
        200: {"model": SubmissionCheckOut, "description": "With `dry_run`: it may be sent so."},
        409: {"description": "A version of the report waits for its verification."},
    },
)
async def create_submission(  # noqa: PLR0913, PLR0917 -- a route's parameters are its documentation.
    request: Request,
    session: Session,
    caller: SubmissionWriter,
    catalogue: CurrentCatalogue,
    key: RequiredOnce,
    language: Language,
    wanted: SubmissionIn,
    dry_run: DryRun = False,  # noqa: FBT002 -- a parameter of the address.
) -> Response:
    """Send a report, or its next version after it was returned; recorded.

    For `municipal_officer` of that municipality. Every cell of the form has a value, or a status
    and a reason why there is none. What was sent never changes.
    """
    address = Address(wanted.obligation, wanted.municipality, wanted.period)
    filing = Filing(
        entries=[Entry(**one.model_dump()) for one in wanted.cells],
        language=language,
        attests_no_cases=wanted.attests_no_cases,
    )
    if dry_run:
        opened = await open_report(session, caller, address)
        check(opened.form, filing)
        before = await queries.find_cells(session, [one.id for one in opened.versions])
        shown = presentation.present_check(opened, filing, before)
        return answer(request, _CHECK, shown, cache=NO_STORE)

    async def make() -> str:
        return str(await operations.submit(session, caller, address, filing))

    made = await once(session, key, make)
    row = await queries.get_submission(session, caller, UUID(made.id))
    response = await _answered(request, session, row, catalogue, language, status=201)
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/submissions/{made.id}"
    return response


@router.get("/{submission_id}", response_model=SubmissionOut)
async def get_submission(
    request: Request,
    connection: Reader,
    caller: SubmissionReader,
    catalogue: CurrentCatalogue,
    submission_id: UUID,
    language: Language,
) -> Response:
    """Show one version of a report: its cells, what is asked about them, and who did what when.

    For `municipal_officer` of that municipality and for `analyst`; to others it does not exist.
    """
    row = await queries.get_submission(connection, caller, submission_id)
    return await _answered(request, connection, row, catalogue, language)


@router.post(
    "/{submission_id}/decisions",
    response_model=SubmissionOut,
    status_code=201,
    responses={
        409: {"description": "Somebody decided about this version already."},
        412: {"description": "It was changed in the meantime."},
        428: {"description": "The version is missing."},
    },
)
async def create_decision(  # noqa: PLR0913, PLR0917 -- a route's parameters are its documentation.
    request: Request,
    session: Session,
    caller: Decider,
    catalogue: CurrentCatalogue,
    key: RequiredOnce,
    submission_id: UUID,
    language: Language,
    wanted: DecisionIn,
) -> Response:
    """Return a report with questions about its cells, or verify it; recorded.

    For `analyst`, not for whoever contributed to any version of the report. A return approves the
    cells it has no question about: they stay approved in the next version where they stay the same.
    """
    if request.headers.get("if-match") is None:
        raise PreconditionRequiredError

    async def make() -> str:
        row = await queries.get_submission(session, caller, submission_id)
        # One look at all versions: of two who decide at once, the later one either sees here that
        # it is decided, or waits for the other when it writes.
        versions = await _versions(session, row)
        current = next(one for one in versions if one.id == row.id)
        operations.check_decider(caller, versions, current)
        _check_version(request, current, versions)
        await operations.decide(session, caller, current, wanted)
        return str(submission_id)

    made = await once(session, key, make)
    row = await queries.get_submission(session, caller, submission_id)
    response = await _answered(request, session, row, catalogue, language, status=201)
    response.headers.update(made.headers)
    return response


async def _answered(
    request: Request,
    connection: queries.Connection,
    row: AnyRow,
    catalogue: Catalogue,
    language: str,
    *,
    status: int = 200,
) -> Response:
    versions = await _versions(connection, row)
    cells = await queries.find_cells(connection, [one.id for one in versions])
    form = await find_form(connection, catalogue, row.form, row.form_version)
    shown = presentation.present(row, versions, cells, form, language)
    tag = _tag(request, row, versions, language)
    return answer(request, _ONE, shown, tag=tag, cache=PRIVATE, status=status)


async def _versions(connection: queries.Connection, row: AnyRow) -> Sequence[AnyRow]:
    report = Report(row.obligation, row.municipality, row.period_from)
    return await queries.find_versions(connection, report)


def _tag(request: Request, row: AnyRow, versions: Sequence[AnyRow], language: str) -> str:
    # The history tells of every version, so each one's state is part of what is shown.
    states = [f"{one.version_no}{one.state}" for one in versions]
    return etag(row.id, *states, language, key=request.app.state.etag_key)


def _check_version(request: Request, row: AnyRow, versions: Sequence[AnyRow]) -> None:
    """Raise unless the decision is about the version as it is now, read in any language."""
    tags = [_tag(request, row, versions, language) for language in LANGUAGES]
    sent = request.headers.get("if-match", "")
    check_if_match(request, next((tag for tag in tags if tag in sent), tags[0]))
