"""Whole answers about buildings, for the routes that read and those that write."""

from collections.abc import Sequence
from datetime import date

from fastapi import Request

from komuna_registry.institutions.called import find_names
from komuna_registry.municipalities.frame import Frame
from komuna_shared.etags import etag

from . import presenting
from .queries import FacilityFound, Reading, SurveyFound
from .schemas import FacilityOut, SurveyOut


async def show(
    connection: Reading, found: Sequence[FacilityFound], frame: Frame, as_of: date, language: str
) -> list[FacilityOut]:
    """Return buildings as callers read them."""
    surveys = [survey for one in found for survey in one.surveys]
    names = await find_names(connection, _commissions(surveys))
    return [presenting.show_facility(one, names, frame, as_of, language) for one in found]


async def show_survey(connection: Reading, found: SurveyFound, language: str) -> SurveyOut:
    """Return a survey as callers read it."""
    names = await find_names(connection, _commissions([found]))
    return presenting.show_survey(found, names, language)


def tag_facility(
    request: Request, found: FacilityFound, frame: Frame, language: str, as_of: date
) -> str:
    """Return the version of a building as it is answered."""
    parts = ("facility", found.row.code, found.row.version, frame.version, language, as_of)
    return etag(*parts, key=request.app.state.etag_key)


def tag_survey(request: Request, found: SurveyFound, language: str) -> str:
    """Return the version of a survey as it is answered."""
    parts = ("facility_survey", found.row.id, found.row.version, language)
    return etag(*parts, key=request.app.state.etag_key)


def _commissions(surveys: Sequence[SurveyFound]) -> set[str]:
    return {one.row.commission for one in surveys} - {None}
