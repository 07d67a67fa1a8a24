"""HTTP for the directory of services."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import LicenceAsker
from komuna_registry.clock import today
from komuna_registry.fields import Code, NameLanguage
from komuna_shared.answers import NO_STORE, PRIVATE, PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.etags import etag
from komuna_shared.paging import Page, Paging

from . import queries, telling
from .audiences import SCOPE, Onlooker
from .details import load_whole
from .queries import Wanted
from .rules import ServiceType
from .schemas import ServiceOut, ServicePageOut, StandingOut
from .standing import get_standing

router = APIRouter(prefix="/v1/directory", tags=["directory"], redirect_slashes=False)

_LIST = TypeAdapter(dict[str, Any])
_ONE = TypeAdapter(ServicePageOut)
_STANDING = TypeAdapter(StandingOut)
_MANY: Any = Query(max_length=50)
# Without a token what is public; with one, more.
_MORE: dict[str, Any] = {"security": [{}, {"bearer": [SCOPE]}]}
_BAD_TOKEN: dict[int | str, dict[str, Any]] = {401: {"description": "The token is not valid."}}


async def read_wanted(
    type: Annotated[list[ServiceType], _MANY] = [],  # noqa: A002, B006  The word of the query.
    area: Annotated[list[Code], _MANY] = [],  # noqa: B006  FastAPI copies it.
    language: Annotated[list[NameLanguage], _MANY] = [],  # noqa: B006
    institution: Annotated[list[Code], _MANY] = [],  # noqa: B006
    licensed_on: Annotated[
        Day | None, Query(description="Only those with a licence that holds on this day.")
    ] = None,
) -> Wanted:
    """Read which services a request is about."""
    return Wanted(
        today(), tuple(type), tuple(area), tuple(language), tuple(institution), licensed_on
    )


@router.get("/services", response_model=Page[ServiceOut], openapi_extra=_MORE, responses=_BAD_TOKEN)
async def list_services(
    request: Request,
    connection: Reader,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    onlooker: Onlooker,
    language: Language,
) -> Response:
    """List the services of today that you may know of, by code; filters add up.

    Public; with the scope `registry.directory.read` and a role, also what is for registered
    institutions, and for members of the referral mechanism. `area` is where people live: it finds
    services of that municipality or region, of the region around it, and national ones.
    """
    found = await queries.list_services(connection, page, wanted, onlooker)
    day = wanted.licensed_on or wanted.as_of
    items = [telling.describe(said, day, language) for said in found.items]
    return answer(request, _LIST, {"items": items, "page": found.page}, cache=_cache(request))


@router.get(
    "/services/{code}", response_model=ServicePageOut, openapi_extra=_MORE, responses=_BAD_TOKEN
)
async def get_service(
    request: Request, connection: Reader, code: str, onlooker: Onlooker, language: Language
) -> Response:
    """Show one service with its licences, places, hours and costs; or none that you may know of.

    Public; with the scope `registry.directory.read` and a role, also what is not for everybody. A
    confidential service has no place, no text and no channel but those of its institution.
    """
    row = await queries.get_service(connection, code, onlooker)
    [whole] = await load_whole(connection, [row])
    day = today()
    shown = telling.describe_whole(whole, day, language)
    key = request.app.state.etag_key
    tag = etag("service", code, row.version, day, language, key=key)
    return answer(request, _ONE, shown, tag=tag, cache=_cache(request))


@router.get("/licences/{service}", response_model=StandingOut, dependencies=[LicenceAsker])
async def get_licence(
    request: Request,
    connection: Reader,
    service: str,
    on: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
) -> Response:
    """Tell whether a service is active and licensed on a day.

    For whoever speaks for one of our services, before it asks this one to take somebody.
    """
    standing = await get_standing(connection, service, on or today())
    return answer(request, _STANDING, standing, cache=NO_STORE)


def _cache(request: Request) -> str:
    # Only what everybody would get may wait in a cache that others share.
    return PUBLIC if request.scope["state"]["principal"] is None else PRIVATE
