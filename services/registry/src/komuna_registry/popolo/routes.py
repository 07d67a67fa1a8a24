"""HTTP for the register in the shapes of Popolo."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day

from . import queries
from .queries import Wanted
from .schemas import PopoloOut
from .writing import Writing, write_document

router = APIRouter(prefix="/v1/popolo", tags=["institutions"], redirect_slashes=False)

# Plain values: a test holds them to `PopoloOut`.
_PLAIN = TypeAdapter(dict[str, Any])


async def read_wanted(
    as_of: Annotated[Day | None, Query(description="Only what may have been on this day.")] = None,
    institution: Annotated[list[Code], Query(max_length=50, examples=[["ogg"]])] = [],  # noqa: B006  FastAPI copies it.
    municipality: Annotated[list[Code], Query(max_length=50)] = [],  # noqa: B006
) -> Wanted:
    """Read whose posts and memberships a request is about."""
    return Wanted(as_of, tuple(institution), tuple(municipality))


@router.get("", response_model=PopoloOut, dependencies=[public()])
async def get_popolo(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """Give institutions, offices, holders and memberships as one Popolo document; public.

    Every statement names its source; dates that are ranges stay in `since`, `until`, `valid_from`
    and `valid_until`, as Popolo has no place for them. No contacts are told.
    """
    stored = await queries.load(connection, wanted)
    base_url = request.app.state.base_url
    writing = Writing(frame, wanted.as_of or today(), language, base_url)
    return answer(request, _PLAIN, write_document(stored, writing), cache=PUBLIC)
