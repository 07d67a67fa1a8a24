"""HTTP for those who register buildings and record their surveys."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import FacilityWriter
from komuna_registry.clock import today
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match
from komuna_shared.idempotency import Once, once

from . import operations, queries, surveying
from .answering import show, show_survey, tag_facility, tag_survey
from .schemas import FacilityOut, SurveyOut
from .writing import FacilityChangeIn, FacilityIn, SurveyChangeIn, SurveyIn

router = APIRouter(prefix="/v1", tags=["facilities"], redirect_slashes=False)

_SURVEY = TypeAdapter(SurveyOut)
_NO_FACILITY: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such facility."}}
_NO_SURVEY: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such survey."}}


@router.post(
    "/facilities",
    response_model=FacilityOut,
    status_code=201,
    responses={409: {"description": "The code is taken, or the key is in use."}},
)
async def create_facility(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: FacilityWriter,
    language: Language,
    key: Once,
    wanted: FacilityIn,
) -> Any:
    """Register a building; recorded, and told to whoever follows the feed.

    For `municipal_officer` and `municipal_admin` of its municipality, `coordinator` and `ops`. What
    an account of the demonstration registers is made up, and flagged so.
    """
    made = await once(
        session, key, lambda: operations.create_facility(session, caller, frame, wanted)
    )
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/facilities/{made.id}"
    return await _show_written(request, response, session, frame, made.id, language)


@router.patch(
    "/facilities/{code}",
    response_model=FacilityOut,
    responses=_NO_FACILITY,
)
async def update_facility(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: FacilityWriter,
    language: Language,
    code: str,
    wanted: FacilityChangeIn,
) -> Any:
    """Correct a building, by a merge patch; recorded, and told to whoever follows the feed.

    For `municipal_officer` and `municipal_admin` of its municipality, `coordinator` and `ops`.
    """
    facility = await operations.lock_facility(session, caller, code)
    found = await queries.get_facility(session, code)
    check_if_match(request, tag_facility(request, found, frame, language, today()))
    await operations.update_facility(session, caller, frame, facility, wanted)
    return await _show_written(request, response, session, frame, code, language)


@router.post(
    "/facilities/{code}/surveys",
    response_model=SurveyOut,
    status_code=201,
    responses={**_NO_FACILITY, 409: {"description": "There is a survey of this day already."}},
)
async def create_survey(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: FacilityWriter,
    language: Language,
    key: Once,
    code: str,
    wanted: SurveyIn,
) -> Any:
    """Record a survey of a building with what it found; recorded, and told to followers.

    For `municipal_officer` and `municipal_admin` of its municipality, `coordinator` and `ops`. A
    building that does not meet a criterion cannot be called accessible.
    """
    made = await once(
        session, key, lambda: surveying.create_survey(session, caller, frame, code, wanted)
    )
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/facility-surveys/{made.id}"
    return await _show_survey_written(request, response, session, UUID(made.id), language)


@router.get(
    "/facility-surveys/{survey_id}",
    response_model=SurveyOut,
    dependencies=[public()],
    responses=_NO_SURVEY,
)
async def get_survey(
    request: Request, connection: Reader, survey_id: UUID, language: Language
) -> Response:
    """Show one survey of a building, with what it found and what is to follow; public."""
    found = await queries.get_survey(connection, survey_id)
    shown = await show_survey(connection, found, language)
    return answer(request, _SURVEY, shown, tag=tag_survey(request, found, language), cache=PUBLIC)


@router.patch("/facility-surveys/{survey_id}", response_model=SurveyOut, responses=_NO_SURVEY)
async def update_survey(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: FacilityWriter,
    language: Language,
    survey_id: UUID,
    wanted: SurveyChangeIn,
) -> Any:
    """Correct a survey, or say what followed, by a merge patch; recorded, and told to followers.

    For `municipal_officer` and `municipal_admin` of its municipality, `coordinator` and `ops`.
    """
    held = await surveying.lock_survey(session, caller, survey_id)
    found = await queries.get_survey(session, survey_id)
    check_if_match(request, tag_survey(request, found, language))
    await surveying.update_survey(session, caller, frame, held, wanted)
    return await _show_survey_written(request, response, session, survey_id, language)


async def _show_written(
    request: Request,
    response: Response,
    session: Session,
    frame: Frame,
    code: str,
    language: str,
) -> FacilityOut:
    found = await queries.get_facility(session, code)
    response.headers["ETag"] = tag_facility(request, found, frame, language, today())
    [shown] = await show(session, [found], frame, today(), language)
    return shown


async def _show_survey_written(
    request: Request, response: Response, session: Session, survey_id: UUID, language: str
) -> SurveyOut:
    found = await queries.get_survey(session, survey_id)
    response.headers["ETag"] = tag_survey(request, found, language)
    return await show_survey(session, found, language)
