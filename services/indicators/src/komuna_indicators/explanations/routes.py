"""HTTP for explanations."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from komuna_indicators import periods
from komuna_indicators.catalogue.snapshot import CurrentCatalogue
from komuna_indicators.observations.queries import find_inputs
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.errors import NotFoundError

from . import presentation, queries
from .presentation import Found
from .schemas import ExplanationOut

router = APIRouter(prefix="/v1", tags=["explanations"], redirect_slashes=False)

_ONE = TypeAdapter(ExplanationOut)
_KEY_EXAMPLE = "women-directors._T._T._T"


@router.get(
    "/explanations",
    response_model=ExplanationOut,
    dependencies=[public()],
    responses={404: {"description": "No source states this figure."}},
)
async def get_explanation(  # noqa: PLR0913, PLR0917 -- a route's parameters are its documentation.
    request: Request,
    connection: Reader,
    catalogue: CurrentCatalogue,
    language: Language,
    dataflow: Annotated[str, Query(max_length=100, examples=["decision-making"])],
    key: Annotated[str, Query(max_length=400, examples=[_KEY_EXAMPLE])],
    period: Annotated[str | None, Query(max_length=40, examples=["2020"])] = None,
) -> Response:
    """Explain one figure: its source line, its parts, its formula, and how to cite it; public.

    Leave `period` out where the source states none. A figure that no source states for a
    municipality is explained too: which document says nothing of it.
    """
    asked = periods.UNSTATED if period is None else _period(period)
    stated = await queries.find_stated(
        connection, catalogue, dataflow=dataflow, key=key, period=asked
    )
    leading = stated[0]
    inputs = [] if leading.id is None else await find_inputs(connection, leading.id)
    area = await queries.find_names(connection, leading.municipality)
    told = [one.id for one in (*stated, *inputs) if one.id is not None]
    evidence = await queries.find_evidence(connection, told)
    found = Found(stated, inputs, evidence, area)
    shown = presentation.explain(found, catalogue, language)
    return answer(request, _ONE, shown, cache=PUBLIC)


def _period(text: str) -> periods.Period:
    try:
        return periods.parse(text)
    except periods.PeriodError:
        raise NotFoundError from None
