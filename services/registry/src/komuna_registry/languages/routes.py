"""HTTP for the languages that municipalities owe."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.filter_values import check_filters
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_registry.municipalities.models import Municipality
from komuna_registry.periods import Certainty
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day

from . import owing, presenting, queries
from .schemas import LanguagesOut, OwedReportOut

router = APIRouter(prefix="/v1", tags=["municipalities"], redirect_slashes=False)

_LANGUAGES = TypeAdapter(LanguagesOut)
_REPORT = TypeAdapter(OwedReportOut)
AsOf = Annotated[Day | None, Query(description="The day; today unless given.")]


@router.get(
    "/municipalities/{slug}/languages",
    response_model=LanguagesOut,
    dependencies=[public()],
    responses={404: {"description": "There is no such municipality."}},
)
async def list_languages(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    slug: str,
    language: Language,
    as_of: AsOf = None,
) -> Response:
    """Tell which languages are official or in use there, by which law and which count; public.

    Where no source decides, the standing is `unknown` with its reason, never "no".
    """
    entry = frame.get(slug)
    on = as_of or today()
    law = await queries.load_law(connection, on, slug)
    shown = presenting.show_languages(entry, queries.find_all(law, slug), on, language)
    return answer(request, _LANGUAGES, shown, cache=PUBLIC)


@router.get("/languages-owed", response_model=OwedReportOut, dependencies=[public()])
async def list_languages_owed(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    language: Language,
    municipality: Annotated[list[Code], Query(max_length=50, examples=["prizren"])] = [],  # noqa: B006  FastAPI copies it.
    as_of: AsOf = None,
) -> Response:
    """Tell which languages each municipality owes, and which names of its own lack one; public.

    Looked at are its own name and those of its institutions, offices and real mechanisms. Serbian
    is there in either script.
    """
    on = as_of or today()
    existing = sorted(
        (
            entry
            for slug, entry in frame.entries.items()
            if entry.presence.on(on) is Certainty.CERTAIN
            and (not municipality or slug in municipality)
        ),
        key=lambda entry: (entry.sort_key, entry.row.slug),
    )
    await check_filters(connection, existing, municipality=(Municipality.slug, municipality))
    law = await queries.load_law(connection, on)
    texts = await owing.load_texts(connection, [entry.row.slug for entry in existing])
    found = [
        owing.find_owing(
            entry, queries.find_all(law, entry.row.slug), texts.get(entry.row.slug, [])
        )
        for entry in existing
    ]
    return answer(request, _REPORT, presenting.show_owing(found, on, language), cache=PUBLIC)
